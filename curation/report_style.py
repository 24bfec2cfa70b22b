"""How a report looks: wide and narrow, light and dark, on paper."""

from __future__ import annotations

__all__ = ["STYLE"]

STYLE = """
:root { color-scheme: light dark; --back: #fbfaf8; --card: #fff; --text: #24292f; --soft: #5f6b76; --line: #dfe3e6;
  --bar: #2f6f8f; --less: #c4673a; --mark: #ffe3a3; --marked: #3a2a00; --removed: #b4502a; --kept: #2a7a4b; }
@media (prefers-color-scheme: dark) { :root { --back: #15181b; --card: #1e2327; --text: #e4e7ea; --soft: #9aa6b0;
  --line: #343b41; --bar: #5fa8cc; --less: #e08a5b; --mark: #5c4510; --marked: #ffe9b8; --removed: #f0956b;
  --kept: #6cc792; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .25rem; }
h2 small { color: var(--soft); font-weight: 400; }
.lead { font-size: 1.1rem; margin: 0 0 1.25rem; overflow-wrap: anywhere; }
.note, .settings { color: var(--soft); margin: .25rem 0 .75rem; max-width: 60rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.funnel { width: 100%; margin: 0 0 1rem; }
.funnel th { text-align: left; font-weight: 400; padding: .3rem .75rem .3rem 0; }
.funnel .n { text-align: right; white-space: nowrap; padding: .3rem .75rem .3rem 0; }
.funnel .bar { width: 45%; }
.funnel .bar span { display: block; height: .8rem; min-width: 1px; border-radius: 2px; background: var(--bar); }
.funnel .bar .less { background: var(--less); }
.wide { overflow-x: auto; }
.at th, .at td { padding: .35rem .9rem .35rem 0; text-align: right; }
.at th:first-child { text-align: left; font-weight: 400; }
.at tr:first-child th { border-bottom: 1px solid var(--line); }
small { color: var(--soft); }
article { background: var(--card); border: 1px solid var(--line); border-radius: 8px; margin: .75rem 0;
  padding: .75rem 1rem; break-inside: avoid; }
.why { margin: 0 0 .5rem; color: var(--soft); font-size: .9rem; overflow-wrap: anywhere; }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: 1.25rem; }
.side { min-width: 0; }
.head { margin: 0; font-size: .85rem; overflow-wrap: anywhere; }
.removed .head, .here .head { color: var(--removed); }
.kept .head, .there .head { color: var(--kept); }
.question { font-weight: 600; margin: .15rem 0 .35rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.text { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
ul { margin: .25rem 0 0; padding-left: 1.1rem; }
li { margin: .25rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
mark { background: var(--mark); color: var(--marked); border-radius: 3px; padding: 0 .15em; }
.unseen { color: var(--soft); border: 1px solid var(--line); border-radius: 3px; font: .75em ui-monospace, monospace;
  padding: 0 .25em; }
@media (max-width: 44rem) { .two { grid-template-columns: 1fr; } .funnel .bar { display: none; } }
@media print { body { background: #fff; color: #000; } }
"""
