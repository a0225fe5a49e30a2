/**
 * How the pages look: light and dark, 320 pixels and wider, and on paper.
 *
 * The colours of statuses are those of the pictures; letters and digits say the same without colour.
 *
 * @module
 */

const COLOURS = `:root{color-scheme:light dark;--ink:#111;--paper:#fff;--soft:#f1f3f5;--line:#888;
--link:#0645ad;--bad:#a00000;--fresh:#cfe8f7;--free:#7fd4b8;--allocated:#e69f00;--special:#cc79a7;
--disagreeing:#e8834a;--meta:#c4c4c4;--cellink:#000;--mark:#0645ad}
@media (prefers-color-scheme:dark){:root{--ink:#eee;--paper:#14171b;--soft:#20252b;--line:#8a929a;
--link:#8ab4f8;--bad:#ff9a8a;--mark:#8ab4f8}}
@media print{:root{--ink:#000;--paper:#fff;--soft:#fff}}`;

const FRAME = `*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:14px/1.45 system-ui,sans-serif}
h1,h2,h3,h4{margin:.4em 0;font-size:1em}h1{font-size:1.15em}
h4,.grid,.lists,.bar,.changes,.facts dd,.trace,.vmalloc,textarea,.printed{font-family:ui-monospace,
"DejaVu Sans Mono",Menlo,Consolas,monospace;font-size:12px}
header,main,footer{padding:.5rem .75rem;max-width:2560px;margin:0 auto}
button,select,input,textarea{font:inherit;color:var(--ink);background:var(--soft);
border:1px solid var(--line);border-radius:4px;padding:.25em .6em}
button{cursor:pointer}button[aria-pressed=true]{background:var(--mark);color:var(--paper)}
:focus-visible{outline:3px solid var(--mark);outline-offset:1px}
button:disabled{opacity:.5;cursor:default}
kbd{font:11px ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;border:1px solid var(--line);
border-radius:3px;padding:0 .3em;margin-left:.15em;background:var(--paper);color:var(--ink)}
.controls{display:flex;flex-wrap:wrap;gap:.35rem;align-items:center}
.controls .show{margin-left:.4em}
.deck{background:var(--paper);padding-bottom:.4rem}.deck p{margin:.3em 0}.deck p:empty{display:none}
@media (min-width:900px) and (min-height:600px){.deck{position:sticky;top:0;z-index:3}}
.deck .controls{position:relative}#help summary{cursor:pointer;padding:.25em .4em}
#help dl{position:absolute;top:100%;left:0;z-index:4;width:min(26rem,100%);margin:.2em 0;
padding:.5em .8em;
background:var(--soft);border:1px solid var(--line);border-radius:4px;box-shadow:0 2px 8px #0005}
#help dl div{display:grid;grid-template-columns:5em minmax(0,1fr);gap:.6em}#help dd{margin:0}
#help dt{font-weight:bold}
.timeline{position:relative;padding-top:8px}
#range{width:100%;padding:0;margin:0}
#marks{position:absolute;top:0;left:8px;right:8px;height:8px}
#marks span{position:absolute;width:3px;height:8px;background:var(--bad)}
#marks .differs{background:var(--mark);width:5px}
#marks{overflow:hidden}#where{font-weight:bold;overflow-wrap:anywhere}
#question{font-weight:bold;color:var(--mark)}
.silent{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.bad{color:var(--bad)}`;

const VIEWS = `#runs{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,
24rem),1fr));align-items:start}
[data-view=map] .lists,[data-view=story] .lists,[data-view=lists] .area,[data-view=story] .area,
[data-view=map] .story,[data-view=lists] .story,[data-view=map] .vmalloc,[data-view=lists] .vmalloc{
display:none}.controls select{width:auto}
.side{min-width:0;border-top:3px solid var(--line);padding-top:.3rem;contain:layout style}
.body{display:grid;grid-template-columns:minmax(0,1fr);gap:0 2rem}
@media (min-width:1700px){.side:only-child .body{grid-template-columns:minmax(0,3fr) minmax(0,2fr)}
.body>.wide{grid-column:1/-1}}
.side.violation,.side.stopped,.side.failed{border-top-color:var(--bad)}
h3,h4,#where,.story li{overflow-wrap:anywhere}h3,h4,.trace button,.vmalloc li{white-space:pre-wrap}
.line{display:flex;gap:.4em;align-items:stretch;content-visibility:auto;
contain-intrinsic-height:1.7em}
.lists,.changes{content-visibility:auto;
contain-intrinsic-size:auto 12em}
.row{flex:0 0 6.5em;text-align:right;color:var(--ink);opacity:.8}
.cells{display:flex;flex:1;min-width:0;max-width:60rem}
.cell,.gap{flex:0 1 0;min-width:0;overflow:hidden;white-space:nowrap;text-align:center;
height:1.55em;line-height:1.5em}
.cell{color:var(--cellink);border:1px solid #0007;margin:0 0 1px 0;cursor:pointer}
.cell.more{border-left-style:dotted}
.fresh{background:var(--fresh)}.free{background:var(--free)}.allocated{background:var(--allocated)}
.special{background:var(--special)}.disagreeing{background:var(--disagreeing)}
.metadata{background:repeating-linear-gradient(45deg,var(--meta) 0 4px,#a0a0a0 4px 6px);color:#000}
.focus{box-shadow:inset 0 0 0 2px #000,inset 0 0 0 3px #fff;font-weight:bold}
.pointed{outline:3px solid var(--mark);outline-offset:-1px;position:relative;z-index:1}
table{border-collapse:collapse;margin:.4em 0;width:100%}caption{text-align:left;font-weight:bold}
th,td{text-align:left;vertical-align:top;padding:.1em .6em .1em 0}
.lists{display:grid;gap:0 1.5rem;align-items:start;grid-template-columns:repeat(auto-fit,minmax(min(
100%,20rem),1fr))}.lists th,.lists td{width:1%;white-space:nowrap}
.lists .chips,.lists th:last-child{
width:auto;white-space:normal}
.changes td{border-top:1px solid var(--line);min-width:10em}.changes .why{min-width:17em}
.changes td.bytes{min-width:0;padding-right:1.3em}
.changes .bytes{white-space:nowrap}.wide{overflow-x:auto}
.chip{display:inline-block;color:var(--cellink);border:1px solid #0007;border-radius:3px;
padding:0 .35em;margin:0 .25em .15em 0;cursor:pointer}
.strip{position:relative;height:1.7em;margin-bottom:2px}
.strip span{position:absolute;height:100%;overflow:hidden;white-space:nowrap;padding-left:.3em;
border:1px solid var(--line)}.strip .item{background:var(--soft)}
.strip .metadata{background:var(--meta)}.strip .zone{border-bottom:0;opacity:.85}
.ends{display:flex;justify-content:space-between}
.story ul,.vmalloc ul{margin:.3em 0;padding-left:1.2em}.source{opacity:.75;font-size:12px}
.facts{flex:1 1 20rem;min-width:0}.facts dl{display:grid;gap:0 1.5em;margin:.2em 0;
grid-template-columns:repeat(auto-fit,minmax(min(100%,23rem),1fr))}
.facts dl div{display:grid;grid-template-columns:6em minmax(0,1fr);gap:.5em}
.facts dt{opacity:.8;font-size:12px}.facts dd{margin:0;overflow-wrap:anywhere}
#facts{position:sticky;bottom:0;background:var(--soft);border:1px solid var(--line);padding:.3rem
.6rem;display:flex;flex-wrap:wrap;gap:.5rem 2rem;max-height:45vh;overflow:auto;z-index:2}
#facts:empty{display:none}
.trace{position:relative;max-height:9.6rem;overflow:auto;list-style:none;padding:0;margin:.4em 0;
border:1px solid var(--line);border-radius:4px}
.trace li{display:grid;grid-template-columns:minmax(0,46ch) minmax(0,1fr);gap:0 1em;padding:0 .4em;
cursor:pointer;line-height:1.6}
.trace .number{display:inline-block;min-width:3ch;text-align:right;margin-right:.6em;opacity:.75}
.trace button{background:none;border:0;padding:0;text-align:left;overflow-wrap:anywhere}
.trace [aria-current]{background:var(--mark);color:var(--paper)}.trace [aria-current] button{
color:var(--paper)}
.trace .violation>span,.trace .stopped>span,.trace .failed>span{color:var(--bad);font-weight:bold}
.trace [aria-current]>span{color:inherit!important}.trace .not-run{opacity:.6}
.legend{display:flex;flex-wrap:wrap;gap:.3em 1em}.legend span{padding:0 .4em;color:#000;
border:1px solid #0007}
.more-of{font:inherit;padding:0 .5em}
@media (max-width:600px){.trace{max-height:6.6rem}#facts{max-height:28vh}
.trace li{grid-template-columns:minmax(0,1fr)}.trace li>span{
padding-left:4.2ch}.row{flex-basis:5em}.cell{font-size:10px}th,td{padding-right:.3em}}`;

/** The style sheet that all pages share. */
export const PAGE_STYLE = [COLOURS, FRAME, VIEWS].join("\n");
