"""How a report looks; it needs no file beside it, in light, in the dark and on paper."""

from __future__ import annotations

STYLE = """
:root { --ink: #1d2733; --soft: #5b6673; --paper: #fff; --line: #d6dde5; --accent: #1f6fb2;
  --good: #e5f3e9; --bad: #fde4dc; --open: #eef1f5; --alarm: #a8320c; color-scheme: light dark }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf0; --soft: #9aa6b2; --paper: #14191f; --line: #313b46;
  --accent: #6db3ee; --good: #16301f; --bad: #47200f; --open: #222a33; --alarm: #ffb59c } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif }
main { max-width: 1180px; margin: 0 auto; padding: 2.5rem 1.5rem 4rem }
h1 { margin: 0; font-size: 2rem; letter-spacing: -.02em }
h2 { margin: 2.4rem 0 .6rem; font-size: 1.15rem; border-bottom: 1px solid var(--line); padding-bottom: .3rem }
h3 { margin: 1.2rem 0 .2rem; font-size: 1rem }
.lead { font-size: 1.1rem; max-width: 70ch; margin: .4rem 0 }
.hash { color: var(--soft); font: 12px ui-monospace, monospace; overflow-wrap: anywhere; margin: 0 }
.verdict { margin: 1.5rem 0; padding: .9rem 1.1rem; border-radius: .5rem; background: var(--open) }
.verdict.good { background: var(--good) } .verdict.bad { background: var(--bad); color: var(--alarm) }
.verdict p { margin: .3rem 0 0; max-width: 90ch }
.wide { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-size: 13.5px }
th { text-align: left; color: var(--soft); font-weight: 600 }
th, td { padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
.number { white-space: nowrap; font-variant-numeric: tabular-nums } small { color: var(--soft) }
.mark { white-space: nowrap; color: var(--soft) }
tr.differs td { background: var(--bad); color: var(--alarm); font-weight: 600 }
.axis { stroke: var(--line); stroke-width: 1 } .whisker { stroke: var(--accent); stroke-width: 2 }
circle { fill: var(--accent) }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(340px, 1fr)); gap: 1.2rem }
figure { margin: 0; break-inside: avoid } img { width: 100%; height: auto; border-radius: .4rem; background: #fff }
figcaption { color: var(--soft); font-size: 13px }
li { max-width: 90ch } dt { color: var(--soft); font-size: 13px } dd { margin: 0 0 .5rem; max-width: 100ch }
"""
