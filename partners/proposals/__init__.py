"""Projects proposed by porteurs whose platform is no member: from the form to a partner's word.

``answers`` (the form) → ``filing`` (the usual way: mapping, validation, store; nothing public) →
``offering`` (staff show it to partners; one vouches for it, and the record is published under it).
"""
