import type { findingStatements } from "../../core/finding-statements.ts";
import type { Messages } from "./en.ts";

type Findings = Pick<Messages, keyof typeof findingStatements & `finding.${string}`>;

/** What findings say, in Japanese: the compiler refuses a finding without its sentence. */
export const jaFindings: Required<Findings> = {
  "finding.rose": "{service}: {signal} が {before} から {now} に上昇{factor}{when}",
  "finding.fell": "{service}: {signal} が {before} から {now} に低下{factor}{when}",
  "finding.appeared": "{service}: 0 だった {signal} が {now} に上昇{when}",
  "finding.log-new": "{service} に新しい {severity} ログが {count} 件出現({rate}): {quote}",
  "finding.log-vanished": "{service} で、これまで {usual} 出ていたログが途絶: {quote}",
  "finding.log-more": "{service} の {severity} ログが {usual} から {rate} に増加{factor}: {quote}",
  "finding.log-less": "{service} のログが {usual} から {rate} に減少: {quote}",
  "finding.self-time":
    "{service} 自身の処理時間が {calls} 回の呼び出しで計 {excess} 増加(失われた時間の {share})。最も遅いのは {operation}(平均 {before} から {now})",
  "finding.critical-path":
    "リクエストのクリティカルパスで {service} を待つ時間は {now}(全体の {share})、通常は {before}({usualShare})。{count} 件を抽出して測定",
  "finding.critical-edge":
    "リクエストのクリティカルパスで、{caller} から呼ばれる {service} を待つ時間は {now}(全体の {share})、通常は {before}({usualShare})。{count} 件を抽出して測定",
  "finding.amplification":
    "{caller} による {callee} の呼び出しが、リクエスト1件あたり {before} 回から {now} 回に増加(リクエスト数ではなく、1件あたりの処理が増えている)",
  "finding.retries":
    "{caller} による {callee} の呼び出しが、リクエスト1件あたり {before} 回から {now} 回に増加し、その {failed} が失敗(再試行が負荷を増やしている)",
  "finding.leak":
    "{service}: メモリーが増え続けている({time} から {signal} が {before} から {now} に増加)",
  "finding.leak-restarts":
    "{service}: プロセスが終了するまでメモリーが増え続ける({time} から {signal} が {before} から {now} に増加)。再起動 {restarts} 回",
  "finding.crash": "{service}: プロセスの終了と再起動が {restarts} 回",
  "finding.unreachable":
    "{callers} の失敗ログ {count} 行が、{service} から応答を得られないと述べている",
  "finding.own-work": "{service} が {time} に自身の処理を開始: {line}",
  "finding.peak-hour": "この時間帯の {service} の {signal} は、通常、最も多い時間帯の {share}",
  "finding.network-gap":
    "{service} の呼び出しで、サービスの外でかかる時間が {before} から {now} に増加(失われた時間の {share})。通信・接続・待ち行列の疑い",
  "finding.error-origin":
    "{service} を起点とする失敗が {count} 件(新たな失敗の {share})。最も多いのは {operation}",
  "finding.latency-mass":
    "増えた待ち時間の {share} は {service} 自身で発生(呼び出し先で説明できるのは {passed})",
  "finding.error-mass":
    "増えた失敗の {share} は {service} 自身で発生(呼び出し先で説明できるのは {passed})",
  "finding.new-callee": "{service} が、これまで呼んでいなかった {callees} を呼び始めた",
  "finding.onset": "異常の始まりは {when}。{service} の {signal} が通常の範囲を外れた",
  "finding.alarm-confirmed": "アラームは正しい: {service} の {signal} は {now}(通常は {before})",
  "finding.alarm-normal":
    "アラームの指標は通常の変動の範囲内: {service} の {signal} は {now}(通常は {before})",
  "finding.alarm-short":
    "アラームの指標は動いたが、しきい値 {threshold} には達していない: {service} の {signal} は {now}(通常は {before})",
  "finding.alarm-unseen": "アラームの指標({service} の {signal})はテレメトリーに見当たらない",
  "finding.alarm-joined":
    "{service} のアラーム「{name}」が {when} に発報し、このインシデントに加わった",
  "finding.alarm-joined-unplaced":
    "アラーム「{name}」が {when} に発報し、このインシデントに加わった",
  "finding.quiet": "{series} 系列に、継続する悪化は見つからない",
  "finding.health": "{service}: リクエストの {failing} が失敗(通常は {usual}){slow}",
  "finding.health-fine": "{service}: 失敗したリクエストはない(通常どおり)",
  "finding.health-slow": "{service}: 失敗したリクエストはないが、応答時間は通常の {times} 倍",
  "finding.health-slow-only": "{service}: 応答時間は通常の {times} 倍(失敗の数は不明)",
  "finding.health-unknown": "{service}: リクエストの失敗の数は不明",
  "finding.slo":
    "{slo}: 直近 {long} のエラーバジェット消費は許容の {burn} 倍({short} では {burnShort} 倍)、残り {left}",
  "finding.slo-reported": "{slo}({service})は {state}: 達成 {attained}/{target}、残り {left}",
  "finding.slo-burning":
    "{service} の {slo} は {state}: 目標 {target} に対し達成 {attained}、エラーバジェットの残り {left}、この時間帯の消費は許容の {burn} 倍",
  "finding.kpi":
    "{kpi}: {since} 以降、想定 {expected} に対し実績 {actual}、損失 {lost}({low}〜{high})",
  "finding.kpi-normal": "{kpi} は想定どおり: 実績 {actual}、想定 {expected}({low}〜{high})",
  "finding.correlation": "{first} と {second} は異常の始まりから層をまたいで連動(相関 {value})",
  "finding.calls": "{services} サービスが {edges} 本の経路で呼び出し合っている",
  "finding.topology": "{service} を呼ぶのは {callers}、{service} が呼ぶのは {callees}",
};
