"""What is proposed while a visitor types: a title or a name from each of its words on.

Triggers keep the entries, so that every way of writing their rows does: a harvest, an edit, an
erasure at someone's request, a cascade.
"""

import django.db.models.functions.text
from django.db import migrations, models

# Little words begin no entry, but the first of a name does, whatever it is.
BEGINNINGS = """
CREATE FUNCTION carrefour_beginnings(written text) RETURNS TABLE (rank smallint, beginning text)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT (row_number() OVER (ORDER BY w.n) - 1)::smallint,
        left(array_to_string(words[w.n:], ' '), 60)
    FROM (SELECT string_to_array(written, ' ') AS words) AS taken
    CROSS JOIN LATERAL unnest(words) WITH ORDINALITY AS w(word, n)
    WHERE w.word <> '' AND (w.n = 1 OR (length(w.word) > 2 AND w.word <> ALL (ARRAY[
        'les', 'des', 'une', 'aux', 'dans', 'pour', 'par', 'sur', 'avec', 'sans', 'qui', 'que',
        'est', 'son', 'ses', 'leur', 'leurs', 'nos', 'notre', 'vos', 'votre', 'entre', 'chez'])))
    ORDER BY w.n LIMIT 6
$$;
"""
NO_BEGINNINGS = "DROP FUNCTION carrefour_beginnings(text);"

# Kind → the table, its key, the text, the weight of an entry, which rows are proposed.
KINDS = {
    "innovation": (
        "innovations_searchrow", "innovation_id", "title_key",
        "r.merit + CASE WHEN b.rank = 0 THEN 0.2 ELSE 0 END", "true",
    ),
    "organisation": (
        "innovations_organisation", "id", "name_key", "CASE WHEN b.rank = 0 THEN 1 ELSE 0 END",
        "true",
    ),
    # By inhabitants; an intercommunalité comes after the places that people name.
    "territoire": (
        "territories_territory", "id", "name_key",
        "ln(1 + coalesce(r.population, 0)) + CASE WHEN b.rank = 0 THEN 3 ELSE 0 END "
        "- CASE WHEN r.kind = 'epci' THEN 3 ELSE 0 END",
        "r.active AND r.kind <> 'pays'",
    ),
}  # fmt: skip
TAKEN_FROM = {
    "innovation": ("title_key", "merit"),
    "organisation": ("name_key",),
    "territoire": ("name_key", "active", "population", "kind"),
}


def written(kind: str, rows: str) -> str:
    _, key, text, weight, shown = KINDS[kind]
    return f"""
    INSERT INTO innovations_searchentry (target_id, kind, rank, text, weight)
    SELECT r.{key}, '{kind}', b.rank, b.beginning, {weight}
    FROM {rows} AS r CROSS JOIN LATERAL carrefour_beginnings(r.{text}) AS b WHERE {shown}
    ON CONFLICT (target_id, kind, rank)
    DO UPDATE SET text = EXCLUDED.text, weight = EXCLUDED.weight"""


def kept(kind: str) -> str:
    table, key, *_ = KINDS[kind]
    name = f"innovations_suggest_{kind}"
    fresh = ", ".join(f"n.{column}" for column in TAKEN_FROM[kind])
    stale = ", ".join(f"o.{column}" for column in TAKEN_FROM[kind])
    return f"""
CREATE FUNCTION {name}_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN {written(kind, "changed")};
    RETURN NULL;
END $$;
CREATE FUNCTION {name}_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE others bigint[];
BEGIN
    SELECT array_agg(n.{key}) INTO others FROM changed n JOIN former o USING ({key})
    WHERE ({fresh}) IS DISTINCT FROM ({stale});
    IF others IS NULL THEN RETURN NULL; END IF;
    DELETE FROM innovations_searchentry WHERE kind = '{kind}' AND target_id = ANY(others);
    {written(kind, f"(SELECT * FROM changed WHERE {key} = ANY(others))")};
    RETURN NULL;
END $$;
CREATE FUNCTION {name}_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM innovations_searchentry e USING former
    WHERE e.kind = '{kind}' AND e.target_id = former.{key};
    RETURN NULL;
END $$;
CREATE TRIGGER {name}_inserted AFTER INSERT ON {table} REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION {name}_written();
CREATE TRIGGER {name}_updated AFTER UPDATE ON {table}
    REFERENCING NEW TABLE AS changed OLD TABLE AS former
    FOR EACH STATEMENT EXECUTE FUNCTION {name}_changed();
CREATE TRIGGER {name}_deleted AFTER DELETE ON {table} REFERENCING OLD TABLE AS former
    FOR EACH STATEMENT EXECUTE FUNCTION {name}_removed();
"""


def not_kept(kind: str) -> str:
    name, table = f"innovations_suggest_{kind}", KINDS[kind][0]
    return "\n".join(
        f"DROP TRIGGER {name}_{event} ON {table}; DROP FUNCTION {name}_{function}();"
        for event, function in (
            ("inserted", "written"), ("updated", "changed"), ("deleted", "removed"),
        )
    )  # fmt: skip


class Migration(migrations.Migration):
    # The triggers first, then what is there: nothing waits while the entries are first made.
    atomic = False
    dependencies = [
        ("innovations", "0013_equivalents"),
        ("territories", "0002_typographic_apostrophes"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "target_id",
                        "kind",
                        "rank",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("target_id", models.BigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("innovation", "Innovation"),
                            ("organisation", "Structure porteuse"),
                            ("territoire", "Lieu"),
                        ],
                        max_length=12,
                    ),
                ),
                ("rank", models.SmallIntegerField()),
                ("text", models.CharField(max_length=60)),
                ("weight", models.FloatField()),
            ],
            options={
                "verbose_name": "entrée proposée",
                "verbose_name_plural": "entrées proposées",
                "indexes": [
                    models.Index(
                        fields=["kind", "text"],
                        name="innovations_entry_beginning",
                        opclasses=["varchar_pattern_ops", "varchar_pattern_ops"],
                    ),
                    models.Index(
                        models.F("kind"),
                        django.db.models.functions.text.Left("text", 3),
                        models.OrderBy(models.F("weight"), descending=True),
                        name="innovations_entry_heaviest",
                    ),
                ],
            },
        ),
        migrations.RunSQL([BEGINNINGS], [NO_BEGINNINGS]),
        *(migrations.RunSQL([kept(kind)], [not_kept(kind)]) for kind in KINDS),
        *(
            migrations.RunSQL([written(kind, KINDS[kind][0])], migrations.RunSQL.noop)
            for kind in KINDS
        ),
    ]
