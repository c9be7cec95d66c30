"""How phone numbers, e-mail and postal addresses, NIR and IBAN are written in French texts."""

import re

SPACE = "[ \u00a0\u202f.\\-]"
# Overseas: +262 and the like have nine digits after them, +508, +681, +687 and +689 six or eight.
PHONE = re.compile(
    rf"""(?<![\w/=@+]) (?<!\d[ \u00a0\u202f.\-]) (?:
        (?:\+|00){SPACE}?(?:33|262|590|594|596){SPACE}{{0,2}}(?:\(0\){SPACE}?)?[1-79]
            (?:{SPACE}{{0,2}}\d){{8}}
        | (?:\+|00){SPACE}?(?:508|681|687|689)(?:{SPACE}?\d\d){{3,4}}
        | \(?0{SPACE}?[1-79]\)?(?:[ \u00a0\u202f.\-/]{{0,2}}\d\d){{4}}
        | 0[67](?:{SPACE}\d\d\d){{2}}{SPACE}\d\d
        | 0[1-79]\d\d(?:{SPACE}\d\d\d){{2}}
    ) (?![\w@]) (?!{SPACE}\d\d\d?\b)""",
    re.VERBOSE,
)
EMAIL = re.compile(
    r"(?<![\w.+\-/])[a-zA-Z0-9][\w.+\-]{0,63}"
    r"(?:@|\s?[\[(]\s?(?:at|arobase|chez)\s?[\])]\s?)"
    r"[a-zA-Z0-9](?:[a-zA-Z0-9\-]{0,62}\.)+[a-zA-Z]{2,24}\b"
)
NIR = re.compile(
    r"(?<![\w/])[1-478]\s?\d\d\s?(?:0[1-9]|1[0-2]|[2-9]\d)\s?(?:\d\d|2[ABab])\s?\d{3}\s?\d{3}"
    r"[\s/\-]{0,3}\d\d(?!\w)"
)
IBAN = re.compile(r"\b[A-Z]{2}\d\d(?:\s?[A-Z0-9]{4}){2,7}(?:\s?[A-Z0-9]{1,4})?\b")
WAY = (
    r"(?:rue|avenue|av\.|boulevard|bd|chemin|impasse|allée|allee|place|route|quai|cours|lotissement|"
    r"résidence|square|sentier|hameau|venelle|ruelle)"
)
STREET = rf"\d{{1,4}}\s?(?:bis|ter|quater)?,?\s{WAY}\s[^.;\n<>]{{3,60}}"
