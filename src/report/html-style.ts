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
.factors td:nth-child(2),.factors td:nth-child(3){white-space:nowrap}
details{border-bottom:1px solid var(--line);padding:.45rem 0}
details:has(:target){background:var(--soft)}
details>div{scroll-margin-top:5rem}
summary{cursor:pointer;overflow-wrap:anywhere}
.chart{overflow-x:auto;margin:.75rem 0}
img{max-width:100%;height:auto;display:block}
footer{margin-top:3rem;font-size:.85rem}
@media (max-width:40rem){
.chart img{max-width:none;width:44rem}
.factors tr,.factors td:last-child{display:block}.factors td{display:inline-block;border:0}
.factors td:last-child{border-bottom:1px solid var(--line)}
ol,ul{padding-left:1.4rem}
}
@page{margin:15mm 14mm;@bottom-right{content:counter(page) " / " counter(pages);font:9pt system-ui,sans-serif;color:#5b6b7b}}
@media print{
body{font-size:10.5pt}
main{max-width:none;padding:0}
h1,h2,summary{break-after:avoid}
li,tr,pre,details,.chart{break-inside:avoid}
h2{margin-top:1.4rem}
.level{print-color-adjust:exact}
.chart{overflow:visible}
.chart img{max-height:120mm;margin:0 auto}
.cite{color:var(--faint)}
pre{font-size:7.5pt;line-height:1.35}
details>div{font-size:9pt}details p{margin:.3rem 0}
details::details-content{content-visibility:visible;display:block}
summary{list-style:none}
a[href^=http]::after{content:" <" attr(href) ">";overflow-wrap:anywhere}
}
`.trim();
