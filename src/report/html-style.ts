/** The look of a report page, light and dark, on screens of any width and on paper. */
export const css = `
:root{color-scheme:light dark;--text:#1c2733;--faint:#5b6b7b;--line:#e4e8ed;--back:#fff;--soft:#f5f7f9;--link:#1f6fb2;--red:#c62f2f;--amber:#b3690a;--blue:#1f6fb2;--green:#2f8f6b}
@media (prefers-color-scheme:dark){:root{--text:#e6ebf0;--faint:#9aa7b4;--line:#2a323b;--back:#14191f;--soft:#1b222a;--link:#6cb2eb;--red:#ff7b72;--amber:#f0a94a;--blue:#6cb2eb;--green:#68d4a4}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--text);font:16px/1.55 system-ui,-apple-system,"Segoe UI","Hiragino Sans","Noto Sans JP","BIZ UDPGothic",sans-serif}
main{max-width:60rem;margin:0 auto;padding:1.5rem 1.25rem 4rem}
h1{font-size:1.6rem;line-height:1.25;margin:.4rem 0}
h2{font-size:1.05rem;margin:2.2rem 0 .6rem;padding-bottom:.25rem;border-bottom:1px solid var(--line)}
.verdict{display:flex;flex-wrap:wrap;gap:.35rem .9rem;align-items:center;margin:0}
.verdict span{color:var(--faint)}
.level{padding:.1rem .55rem;border-radius:.35rem;color:var(--back);background:var(--blue)}
.P0{background:var(--red)}.P1{background:var(--amber)}.P3{background:var(--green)}
.summary{font-size:1.1rem}
.cite{font-size:.8em;text-decoration:none;color:var(--link);white-space:nowrap}
small,footer{color:var(--faint)}
li{margin:.35rem 0}
pre{background:var(--soft);border:1px solid var(--line);border-radius:.35rem;padding:.6rem .75rem;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.85rem}
.quote{border-left:4px solid var(--amber)}
table{border-collapse:collapse;width:100%}
td{padding:.35rem .6rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
td.critical{color:var(--red);font-weight:700}td.high{color:var(--amber);font-weight:700}
.timeline td:first-child{white-space:nowrap;font-variant-numeric:tabular-nums;color:var(--faint)}
.onset td:last-child,.alarm td:last-child{font-weight:700}
details{border-bottom:1px solid var(--line);padding:.45rem 0}
details:target{background:var(--soft)}
summary{cursor:pointer;overflow-wrap:anywhere}
img{max-width:100%;height:auto;display:block;margin:.75rem 0}
footer{margin-top:3rem;font-size:.85rem}
@media print{details{display:block}details>*{display:block}}
`.trim();
