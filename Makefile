# Deux commandes suffisent : « make demo » et « make test ». Tout le reste est ici aussi.
PORT ?= 8000
TESTS ?= tests
PYTHON ?= python3
LAUNCHER = $(PYTHON) -m carrefour.launcher
BIN = .venv/bin
# HOST : adresse d'écoute de la démonstration (127.0.0.1) ; DATA : dossier de fichiers à moissonner ;
# LICENCE : celle de ces fichiers (etalab-2.0…), sans quoi ils ne sont montrés qu'en référence.
export PORT HOST DATA LICENCE

# Ce réglage ferait recompiler toutes les bibliothèques à chaque programme lancé.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL = help
ifndef AT_ONCE
.NOTPARALLEL:
endif
.PHONY: help demo stop test check model fix install chromium clean

help: ## Affiche cette aide
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile
	@echo "  Options : make demo PORT=8123 DATA=dossier LICENCE=etalab-2.0 ; make test TESTS=tests/partners"

demo: ## Lance tout sur cette machine, moissonne les plateformes d'exemple, dit l'adresse
	@$(LAUNCHER) demo

stop: ## Arrête la démonstration de ce dossier (comme Ctrl-C)
	@$(LAUNCHER) stop

test: chromium install ## Vérifie le code puis joue tous les tests, navigateur compris
	@$(MAKE) --no-print-directory -j2 --output-sync=recurse AT_ONCE=1 check model
	CARREFOUR_MODE=test $(BIN)/pytest -n 2 --dist worksteal $(TESTS)

check: install ## Format, règles, gabarits, types, couches, migrations manquantes
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/djlint --lint --quiet .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run

# La base des tests, migrée une fois : chaque processus de test en prend une copie.
model: install
	CARREFOUR_MODE=test $(BIN)/pytest -q tests/test_databases.py

fix: install ## Corrige ce qui peut l'être tout seul (format, imports)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

install: ## Installe les dépendances dans .venv
	@$(LAUNCHER) install

chromium: ## Installe le navigateur des tests, ou dit comment
	@$(LAUNCHER) chromium

clean: ## Supprime .venv et les données de la démonstration
	@$(LAUNCHER) clean
