"""The tables of the ledger of synthesis, and what keeps them honest: a call that is settled never changes."""

from __future__ import annotations

__all__ = ["POSTGRESQL_SYNTHESIS", "SQLITE_SYNTHESIS", "SYNTHESIS"]

SYNTHESIS = [
    """CREATE TABLE synth_run (seq {seq}, run TEXT NOT NULL UNIQUE, at TEXT NOT NULL, actor TEXT NOT NULL,
       recipe TEXT NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL, address TEXT NOT NULL, host TEXT NOT NULL,
       asked_for TEXT NOT NULL, alive_until {real} NOT NULL, ended_at TEXT NOT NULL, ended TEXT NOT NULL){strict}""",
    """CREATE TABLE synth_call (seq {seq}, request TEXT NOT NULL, attempt {big} NOT NULL, run TEXT NOT NULL,
       recipe TEXT NOT NULL, material TEXT NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL,
       address TEXT NOT NULL, prompt TEXT NOT NULL, again {big} NOT NULL, at TEXT NOT NULL, state TEXT NOT NULL,
       why TEXT NOT NULL, reply TEXT NOT NULL, tries {big} NOT NULL, prompt_tokens {big} NOT NULL,
       completion_tokens {big} NOT NULL, usd {real} NOT NULL, seconds {real} NOT NULL, settled_at TEXT NOT NULL,
       UNIQUE (request, attempt)){strict}""",
    "CREATE INDEX synth_call_recipe ON synth_call (recipe, state, seq)",
    "CREATE INDEX synth_call_run ON synth_call (run, state)",
    "CREATE INDEX synth_call_material ON synth_call (material)",
    """CREATE TABLE synth_reading (seq {seq}, call {big} NOT NULL REFERENCES synth_call (seq), run TEXT NOT NULL,
       material TEXT NOT NULL, at TEXT NOT NULL, made {big} NOT NULL, UNIQUE (call, material)){strict}""",
    """CREATE TABLE synth_made (seq {seq}, call {big} NOT NULL, run TEXT NOT NULL, recipe TEXT NOT NULL,
       material TEXT NOT NULL, pair TEXT NOT NULL REFERENCES pair (id), place {big} NOT NULL, at TEXT NOT NULL,
       UNIQUE (pair, recipe, material, call)){strict}""",
    "CREATE INDEX synth_made_call ON synth_made (call)",
]

# The text of a reply goes when the pair that it is about is sealed; nothing else of a settled call changes.
_SETTLED = """seq, request, attempt, run, recipe, material, provider, model, address, prompt, again, at, state, why,
       tries, prompt_tokens, completion_tokens, usd, seconds, settled_at"""
_KEPT = ("synth_reading", "synth_made")

SQLITE_SYNTHESIS = [
    f"""CREATE TRIGGER synth_call_stays BEFORE UPDATE OF {_SETTLED} ON synth_call WHEN old.state <> 'pending' BEGIN
         SELECT RAISE(ABORT, 'a settled call is never changed');
       END""",
    *(
        f"""CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} BEGIN
         SELECT RAISE(ABORT, 'what a call made is never changed');
       END"""
        for table in _KEPT
    ),
]
POSTGRESQL_SYNTHESIS = [
    """CREATE FUNCTION tamiz_synth_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         RAISE EXCEPTION 'a settled call and what it made are never changed';
       END $$""",
    f"""CREATE TRIGGER synth_call_stays BEFORE UPDATE OF {_SETTLED} ON synth_call FOR EACH ROW
         WHEN (old.state <> 'pending') EXECUTE FUNCTION tamiz_synth_stays()""",
    *(
        f"CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION tamiz_synth_stays()"
        for table in _KEPT
    ),
]
