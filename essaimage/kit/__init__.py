"""« Kit de reprise »: what one who wants to take an innovation up elsewhere is handed.

Read (``reading``), built as plain blocks without any query (``building``), shown as a page
(``views``) and as a PDF (``typesetting``).
"""
