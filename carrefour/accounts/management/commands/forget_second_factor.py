"""Remove the second factor of an account whose telephone and recovery codes are lost."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from carrefour.accounts import second_factor
from carrefour.accounts.models import User


class Command(BaseCommand):
    help = "Retire le second facteur d’un compte : la personne en inscrira un autre."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="adresse électronique du compte")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            raise CommandError(f"Aucun compte à l’adresse {email}.")
        removed = second_factor.forget(user)
        self.stderr.write("Second facteur retiré." if removed else "Ce compte n’en avait pas.")
