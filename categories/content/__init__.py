"""What an edition says and all that follows from it: pure functions of text, a day and a query.

Every room may import every file of this one; this one imports none.
"""
