/**
 * The look of every page but the report, which brings its own; light and dark, any width, paper.
 */
export const style = `
:root{color-scheme:light dark;--text:#1c2733;--faint:#55636f;--line:#d9dfe5;--back:#fff;--soft:#f4f6f8;--link:#17609e;--red:#b42318;--amber:#92580a;--green:#1b6e3c;--blue:#1d5f9e}
@media (prefers-color-scheme:dark){:root{--text:#e6ebf0;--faint:#a3afbb;--line:#2f3943;--back:#14191f;--soft:#1c232b;--link:#7cbcf0;--red:#ff8b80;--amber:#e9b55c;--green:#6fd08c;--blue:#7cbcf0}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--text);font:16px/1.55 system-ui,-apple-system,"Segoe UI","Hiragino Sans","Noto Sans JP",sans-serif}
main{max-width:68rem;margin:0 auto;padding:1rem 1.25rem 4rem}
a{color:var(--link)}
a:focus-visible,button:focus-visible,select:focus-visible,input:focus-visible,summary:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-99rem}.skip:focus{left:.5rem;top:.5rem;background:var(--back);padding:.4rem .8rem;z-index:2}
.top{display:flex;flex-wrap:wrap;gap:.4rem 1.2rem;align-items:center;padding:.6rem 1.25rem;border-bottom:1px solid var(--line);background:var(--soft)}
.top a{text-decoration:none}.top .who{margin-left:auto;color:var(--faint);font-size:.9rem}.top form{margin:0}
.subnav{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;margin:.6rem 0 1rem;padding:0;list-style:none}
h1{font-size:1.45rem;line-height:1.25;margin:.6rem 0}
h2{font-size:1.05rem;margin:1.8rem 0 .5rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th{text-align:left;white-space:nowrap;font-weight:600;color:var(--faint);font-size:.88rem}
th,td{padding:.5rem .7rem .5rem 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:break-word}
td.title{overflow-wrap:anywhere;min-width:12rem}
td.count,td.time{white-space:nowrap}td.time{color:var(--faint);font-variant-numeric:tabular-nums}
.level{display:inline-block;min-width:2.2rem;text-align:center;padding:.05rem .45rem;border-radius:.35rem;color:var(--back);background:var(--blue);font-weight:700}
.P0{background:var(--red)}.P1{background:var(--amber)}.P3{background:var(--green)}
.title small{font-weight:400}.state{white-space:nowrap}.failed{color:var(--red)}.faint,small{color:var(--faint)}
form.filter,form.row{display:flex;flex-wrap:wrap;gap:.6rem;align-items:end;margin:.6rem 0 1rem}
label{display:block;font-size:.88rem;color:var(--faint)}
select,input,textarea,button{font:inherit;color:inherit;background:var(--back);border:1px solid var(--faint);border-radius:.35rem;padding:.35rem .6rem;min-height:2.4rem}
input[type=checkbox]{min-height:0}
button{cursor:pointer;background:var(--soft)}button.main{background:var(--link);color:var(--back);border-color:var(--link)}
pre{background:var(--soft);border:1px solid var(--line);border-radius:.35rem;padding:.6rem .75rem;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere;margin:.4rem 0}
.steps{list-style:none;padding:0;margin:0}.steps li{border-left:3px solid var(--line);padding:.2rem 0 .2rem .9rem;margin:.3rem 0}
.steps li.key{border-color:var(--link)}.steps li.now{background:var(--soft)}
.pager{display:flex;gap:1.2rem;margin:1rem 0}
.notice{border-left:4px solid var(--amber);background:var(--soft);padding:.6rem .9rem}
@media (max-width:44rem){
.wide thead{position:absolute;left:-99rem}
.wide tr{display:block;border-bottom:1px solid var(--line);padding:.5rem 0}
.wide td{display:inline-block;max-width:100%;border:0;padding:.1rem .6rem .1rem 0}.wide td.title{display:block;font-weight:600;min-width:0}
}
@media print{.top,.subnav,.filter,.row,.skip{display:none}}
`.trim();
