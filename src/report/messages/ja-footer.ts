/** What stands below a report, in Japanese. */
export const jaFooter = {
  "footer.usage": "{model} · ツール呼び出し {tools} 回 · {seconds} 秒 · 走査 {bytes}",
  "footer.reads": " · 読み取り費用 {cost} USD(事前の見込み {planned} USD、{bytes})",
  "footer.tokens": " · モデル呼び出し {calls} 回、{tokens} トークン、{cost} USD",
  "footer.unpriced": " · モデル呼び出し {calls} 回、{tokens} トークン、費用は不明（価格が未設定）",
  "footer.window": "対象 {from} から {to}、比較 {baselineFrom} から {baselineTo}。",
  "footer.incident": "インシデント {id}",
} as const;
