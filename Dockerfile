# Deux étapes : la première installe et prépare, la seconde ne garde que ce qui sert.
FROM python:3.12-slim-bookworm AS preparation
WORKDIR /app
ENV UV_PROJECT_ENVIRONMENT=/app/.venv UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy \
    UV_PYTHON_DOWNLOADS=never PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
COPY pyproject.toml uv.lock ./
# uv à la version que dit uv.lock, puis les dépendances : sans les outils ni les serveurs embarqués,
# sauf les programmes de PostgreSQL qui sauvegardent et restaurent.
RUN python -c "import tomllib; print(next('uv==' + p['version'] for p in \
tomllib.load(open('uv.lock', 'rb'))['package'] if p['name'] == 'uv'))" | xargs pip install -q \
 && uv sync --frozen --no-default-groups --group backup
COPY . .
# Valeurs sans objet : rassembler les fichiers statiques ne joint aucun serveur.
RUN CARREFOUR_MODE=production SECRET_KEY=construction CARREFOUR_SECRETS_KEY=construction ALLOWED_HOSTS=localhost \
    CARREFOUR_BASE_URL=https://localhost DATABASE_URL=postgres://c:c@localhost/c \
    REDIS_URL=redis://localhost/0 EMAIL_URL=consolemail:// \
    .venv/bin/python manage.py collectstatic --noinput -v 0

FROM python:3.12-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin carrefour
WORKDIR /app
COPY --from=preparation /app /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    CARREFOUR_MODE=production
USER carrefour
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=15s --start-period=60s \
    CMD ["python", "-m", "carrefour.launcher.healthcheck", "web"]
CMD ["gunicorn", "carrefour.wsgi:application", "--bind=0.0.0.0:8000", "--worker-class=gthread", \
     "--workers=3", "--threads=8", "--worker-tmp-dir=/dev/shm", "--no-control-socket", \
     "--access-logfile=-", "--logger-class=carrefour.access_log.MaskingLogger"]
