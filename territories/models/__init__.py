from territories.models.alias import TerritoryAlias
from territories.models.loaded_reference import LoadedReference
from territories.models.outline import TerritoryOutline
from territories.models.territory import Territory

__all__ = ["LoadedReference", "Territory", "TerritoryAlias", "TerritoryOutline"]
