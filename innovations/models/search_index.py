"""The bitmaps of the search: which positions hold each frequent value (see innovations/index)."""

from django.db import models


class VarBitField(models.Field):
    """A string of bits; kept in its row, where PostgreSQL would move and compress it."""

    def db_type(self, connection: object) -> str:
        return "varbit"


class SearchKey(models.Model):
    """One value whose bitmaps are kept: any of a facet, and frequent words and territories.

    ``kind`` is the column of the search row (« words » and « title » for its text); ``facet`` and
    ``code`` say what a count of it is called, and are empty when nobody counts it.
    """

    kind = models.CharField(max_length=16)
    value = models.CharField(max_length=400)
    facet = models.CharField(max_length=16, default="")
    code = models.CharField(max_length=120, default="")

    class Meta:
        verbose_name = "valeur de l’index"
        verbose_name_plural = "valeurs de l’index"
        constraints = [
            models.UniqueConstraint(fields=["kind", "value"], name="innovations_searchkey_value")
        ]
        indexes = [
            models.Index(
                fields=["facet"],
                name="innovations_searchkey_facet",
                condition=~models.Q(facet=""),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} : {self.value}"


class SearchBits(models.Model):
    """The positions of one chunk that hold a value; a chunk that holds none has no row."""

    key = models.ForeignKey(SearchKey, on_delete=models.CASCADE, db_index=False)
    chunk = models.IntegerField()
    bits = VarBitField()

    class Meta:
        verbose_name = "bits de l’index"
        verbose_name_plural = "bits de l’index"
        constraints = [
            models.UniqueConstraint(fields=["key", "chunk"], name="innovations_searchbits_place")
        ]

    def __str__(self) -> str:
        return f"{self.key_id}/{self.chunk}"


class SearchNumber(models.Model):
    """The position of an innovation in the bitmaps. No foreign key: a removed row leaves a hole."""

    innovation_id = models.BigIntegerField(primary_key=True)
    number = models.IntegerField(unique=True)

    class Meta:
        verbose_name = "position dans l’index"
        verbose_name_plural = "positions dans l’index"

    def __str__(self) -> str:
        return f"{self.innovation_id} : {self.number}"


class SearchChange(models.Model):
    """A row written or removed since the bitmaps were; a trigger on the search rows keeps this.

    What changed is read from the rows themselves until the next update of the bitmaps.
    """

    innovation_id = models.BigIntegerField(primary_key=True)
    seen = models.BigIntegerField()

    class Meta:
        verbose_name = "changement à indexer"
        verbose_name_plural = "changements à indexer"

    def __str__(self) -> str:
        return str(self.innovation_id)


class SearchIndex(models.Model):
    """What the bitmaps hold: ``size`` positions, the first ``base`` of them by merit."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    recipe = models.SmallIntegerField(
        default=0, help_text="Manière de faire les lignes de recherche, quand elles ont été faites."
    )
    size = models.IntegerField(default=0)
    base = models.IntegerField(default=0)
    built_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "index de recherche"
        verbose_name_plural = "index de recherche"

    def __str__(self) -> str:
        return f"{self.size} positions"
