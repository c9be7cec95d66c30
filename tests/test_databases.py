"""What the databases of a run promise to tests."""

from django.core.management import call_command
from django.db import connection

from tests import databases
from tests.factories import InnovationFactory, SourceRecordFactory


def filled() -> set[str]:
    """Tables with at least one row."""
    with connection.cursor() as cursor:
        tables = connection.introspection.django_table_names(only_existing=True)
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {connection.ops.quote_name(name)})"
                for name in tables
            )
        )
        return {name for (name,) in cursor.fetchall()}


def test_a_transactional_test_leaves_nothing_to_the_next(transactional_db: None) -> None:
    SourceRecordFactory(innovation=InnovationFactory(published=True))
    assert {"innovations_innovation", "innovations_innovationevent"} <= filled()
    call_command("flush", interactive=False, verbosity=0)
    assert filled() == databases.KEPT


def test_the_state_of_migrations_is_that_of_every_application() -> None:
    applied = {p.parent.parent.name for p in databases.migrations()}
    assert applied == {"accounts", "territories", "innovations", "partners", "essaimage"}
