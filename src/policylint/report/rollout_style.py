"""How the page of rollouts looks: light, dark and printed."""

STYLE = """
:root { color-scheme: light dark; --paper: #ffffff; --ink: #1f2328; --soft: #59636e; --line: #d1d9e0;
  --sheet: #f6f8fa; --rest: #c3ccd6; --own: #4a7fc1; --good: #1a7f37; --good-paper: #dafbe1; --warn: #7d4e00;
  --warn-paper: #fff1c2; --bad: #b3121d; --bad-paper: #ffe2e0; --open: #3d5a80; --open-paper: #e1ecf8; }
@media (prefers-color-scheme: dark) { :root { --paper: #0d1117; --ink: #e6edf3; --soft: #9198a1; --line: #3d444d;
  --sheet: #151b23; --rest: #444d58; --own: #4f8fd8; --good: #56d364; --good-paper: #12301c; --warn: #e3b341;
  --warn-paper: #3a2d0c; --bad: #ff8f87; --bad-paper: #45181a; --open: #9ec1ea; --open-paper: #1b2b40; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 76rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0; } p { margin: .3rem 0 .8rem; } a { color: inherit; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .6rem; padding-top: .8rem; border-top: 2px solid var(--line); }
h3 { font-size: 1rem; margin: 0 0 .2rem; } h2, h3, td, li, p { overflow-wrap: anywhere; }
.soft, .place { color: var(--soft); } .place { font-size: .87rem; margin: 0 0 .5rem; }
table { border-collapse: collapse; width: 100%; margin: .3rem 0 .8rem; }
th { text-align: left; font-weight: 600; color: var(--soft); }
th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
.number { text-align: right; white-space: nowrap; width: 1%; font-variant-numeric: tabular-nums; }
.sum td { border-bottom: 0; font-weight: 600; } .sum td.number { border-top: 1px solid var(--ink); }
.chip { display: inline-block; padding: 0 .55rem; border-radius: 1rem; font-size: .87rem; font-weight: 600;
  white-space: nowrap; }
.completes { color: var(--good); background: var(--good-paper); }
.overflow, .deadlock { color: var(--bad); background: var(--bad-paper); }
.race { color: var(--warn); background: var(--warn-paper); }
.likely, .unknown { color: var(--open); background: var(--open-paper); }
.card { margin: 1rem 0; padding: .9rem 1.1rem; border: 1px solid var(--line); border-radius: .5rem; }
.card > :last-child { margin-bottom: 0; }
.facts { margin: .2rem 0 .8rem; padding: .5rem .8rem; background: var(--sheet); border-radius: .4rem; }
.facts p { margin: .1rem 0; } ol, ul { margin: .2rem 0 .8rem; padding-left: 1.5rem; }
.slots { display: flex; height: 1.1rem; margin: .5rem 0; border: 1px solid var(--line); border-radius: .3rem;
  overflow: hidden; max-width: 40rem; }
.slots i { display: block; min-width: 2px; border-right: 1px solid var(--paper); } .slots i:last-child { border: 0; }
.slots .system { background: var(--soft); } .slots .others { background: var(--rest); }
.slots .release { background: var(--own); } .slots .over { background: var(--bad); }
.key { display: inline-block; width: .8rem; height: .8rem; margin-right: .3rem; border-radius: .15rem;
  vertical-align: -.05rem; }
.key.system { background: var(--soft); } .key.others, .key.rest { background: var(--rest); }
.key.release, .key.own { background: var(--own); } .key.over { background: var(--bad); }
.key.free { border: 1px solid var(--soft); }
.legend { font-size: .87rem; color: var(--soft); margin: .1rem 0 .5rem; display: flex; flex-wrap: wrap; gap: 0 1rem; }
.course { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 0 1.5rem; align-items: start; }
@media (max-width: 56rem) { .course { grid-template-columns: minmax(0, 1fr); } }
tr.stuck td { background: var(--bad-paper); color: var(--bad); font-weight: 600; } td.over { color: var(--bad); }
svg { display: block; width: 100%; height: auto; margin: .4rem 0 0; }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; stroke: var(--paper); stroke-width: 4px;
  stroke-linejoin: round; paint-order: stroke; }
svg .soft { fill: var(--soft); } svg .rest { fill: var(--rest); } svg .own { fill: var(--own); }
svg .over { fill: var(--bad); } svg .stripe { stroke: var(--bad-paper); } svg .cut { stroke: var(--paper); }
svg .axis { stroke: var(--line); } svg .limit { stroke: var(--ink); stroke-dasharray: 6 4; stroke-width: 1.5; }
svg .stuck { fill: none; stroke: var(--bad); stroke-width: 2; } svg .alarm { fill: var(--bad); font-weight: 600; }
@media print { :root { --paper: #ffffff; --ink: #000000; --soft: #444444; --line: #bbbbbb; --sheet: #f4f4f4;
  --rest: #c3ccd6; --own: #4a7fc1; --good: #1a7f37; --good-paper: #dafbe1; --warn: #7d4e00; --warn-paper: #fff1c2;
  --bad: #b3121d; --bad-paper: #ffe2e0; --open: #3d5a80; --open-paper: #e1ecf8; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } body { padding: 0; font-size: 12px; }
  .card, figure, tr { break-inside: avoid; } h2, h3 { break-after: avoid; } }
"""
