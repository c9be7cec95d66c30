"""The bitmaps of the search: exact counts over a million records in milliseconds.

Each frequent value (a theme, a territory, a word) keeps the positions of the rows that hold it,
in chunks of ``bits.CHUNK``; which rows answer is then « and », « or » and « not » of a few of them,
and a facet's count is the number of bits that are left. Rows written since the last update are read
one by one and added: counts are exact at every instant. Decision 0061.
"""
