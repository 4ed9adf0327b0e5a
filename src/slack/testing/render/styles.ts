/** Plain CSS, near enough to Slack's look to judge density and order by. */
export const styles = `
*{box-sizing:border-box}body{margin:0;display:flex;height:100vh;font:15px/1.46 Lato,"Noto Sans CJK JP",system-ui,sans-serif;color:#1d1c1d}
nav{width:190px;background:#3f0e40;color:#cfc3cf;padding:12px 0;display:flex;flex-direction:column;flex:none}
nav b{padding:10px 16px 4px;color:#fff}nav a{color:#cfc3cf;text-decoration:none;padding:3px 16px}nav a.here{background:#1164a3;color:#fff}
main{flex:1;display:flex;min-width:0}.column{flex:1;overflow:auto;padding:0 20px 20px;min-width:0}.column.thread{border-left:1px solid #ddd;flex:1.25}
h2{font-size:16px;border-bottom:1px solid #ddd;padding:12px 0;margin:0 0 10px;position:sticky;top:0;background:#fff;z-index:1}
article{display:flex;gap:10px;padding:8px 0;position:relative}.avatar{width:36px;height:36px;border-radius:6px;background:#b0c4de;flex:none;display:flex;align-items:center;justify-content:center;font-weight:700;color:#fff}
.avatar.app{background:#1f2937}.body{min-width:0;flex:1;max-width:660px}.name{font-weight:700}.name time{font-weight:400;color:#616061;font-size:12px;margin-left:6px}.badge{font-size:10px;background:#e8e8e8;color:#616061;padding:1px 3px;border-radius:2px}
.only{font-size:12px;color:#616061}.ephemeral{background:#fbfbf6}h3{font-size:18px;margin:4px 0 8px;line-height:1.3}h4{margin:10px 0 2px;font-size:15px}
p{margin:4px 0}ul,ol{margin:2px 0 4px;padding-left:22px}.section{margin:6px 0}.fields{display:grid;grid-template-columns:1fr 1fr;gap:8px 16px}
.context{font-size:13px;color:#616061;display:flex;flex-wrap:wrap;gap:2px 10px;margin:6px 0}.markdown{margin:6px 0}
.actions{display:flex;flex-wrap:wrap;gap:8px;margin:8px 0}button,select{font:inherit;font-size:13px;font-weight:700;padding:4px 10px;border:1px solid #bbb;border-radius:4px;background:#fff;cursor:pointer;max-width:180px}
button.primary{background:#007a5a;border-color:#007a5a;color:#fff}button.danger{color:#e01e5a;border-color:#e01e5a}.thumb{padding:2px 8px;font-weight:400}
.menu{display:none;position:absolute;right:0;top:4px;font-weight:400}article:hover .menu{display:block}.menu:hover{background:#f4f4f4}
code,pre{font:12px/1.5 Monaco,Menlo,Consolas,monospace;background:#f6f6f6;border:1px solid #ddd;border-radius:3px;padding:1px 3px;color:#c01343}pre{padding:8px;white-space:pre-wrap;word-break:break-word;color:#1d1c1d;margin:4px 0}
.mention{background:#e8f5fa;color:#1264a3;padding:0 2px;border-radius:3px}.mention.loud{background:#ffd54a}a{color:#1264a3;text-decoration:none}
.plan{border:1px solid #ddd;border-radius:8px;padding:10px 12px;margin:6px 0}.plan-title{font-weight:700;margin-bottom:6px}.task{display:flex;gap:8px;padding:4px 0}.task i{font-style:normal;width:18px;text-align:center;flex:none}
.done{color:#007a5a}.failed{color:#e01e5a;font-weight:700}.busy{color:#1264a3}.output{color:#616061;font-size:13px}.source{font-size:12px;border:1px solid #ddd;border-radius:10px;padding:0 8px;margin-right:4px}
.chart{border:1px solid #ddd;border-radius:8px;padding:8px 10px;margin:6px 0}.chart svg{width:100%}.chart text{font-size:10px;fill:#616061}.caption{font-weight:700;font-size:13px;margin:4px 0}.legend{font-size:12px;display:flex;gap:12px}.legend i{display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:4px}
table{border-collapse:collapse;width:100%;font-size:13px;margin:4px 0}td,th{border:1px solid #ddd;padding:4px 6px;text-align:left;vertical-align:top}th{background:#f8f8f8}.pages{font-size:12px;color:#616061;text-align:right}
details.container{border:1px solid #ddd;border-radius:8px;padding:8px 12px;margin:6px 0}summary{font-weight:700;cursor:pointer}img{max-width:100%;border:1px solid #ddd;border-radius:8px;margin:6px 0}
.alert{border-radius:6px;padding:8px 10px;margin:6px 0;background:#fff6e0;border:1px solid #ecb22e}.replies{display:block;margin:0 0 6px 46px;font-size:13px;font-weight:700}.reaction{background:#eef4fa;border:1px solid #c8ddf0;border-radius:12px;font-size:12px;padding:1px 7px;margin-right:4px}
.composer input{width:100%;padding:10px;border:1px solid #bbb;border-radius:8px;font:inherit;margin-top:12px}.status{color:#616061;font-size:13px;padding:6px 46px}.wrong{background:#fdd;padding:4px}.file{border:1px solid #ddd;border-radius:8px;padding:8px;display:inline-block}
.veil{position:fixed;inset:0;background:rgba(0,0,0,.45);display:flex;align-items:center;justify-content:center;z-index:5}.modal{background:#fff;border-radius:10px;width:520px;max-height:92vh;display:flex;flex-direction:column}.modal h2{padding:14px 20px;margin:0}.inner{padding:8px 20px;overflow:auto}.modal footer{padding:12px 20px;border-top:1px solid #ddd;display:flex;justify-content:flex-end;gap:8px}
.input{margin:12px 0}.input label{font-weight:700;display:block;margin-bottom:4px}.input .radio{font-weight:400;margin:2px 0}.input input:not([type=radio]),.input textarea,.input select{width:100%;padding:7px;border:1px solid #bbb;border-radius:4px;font:inherit;max-width:none;font-weight:400}.hint{font-size:12px;color:#616061}
.home{max-width:820px}
`;
