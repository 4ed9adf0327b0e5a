"""The same plain Drain as drain.ts, for comparison: python3 drain.py FILE."""

import json
import re
import sys
import time

digit = re.compile(r"\d")
leaves = {}
lines = clusters = 0
with open(sys.argv[1], encoding="utf-8") as file:
    for line in file:
        lines += 1
        body = json.loads(line)["body"].split("\n", 1)[0]
        words = ["<*>" if digit.search(word) else word for word in body.split(" ")]
        leaf = leaves.setdefault((len(words), words[0], words[1] if len(words) > 1 else ""), [])
        for template in leaf:
            same = sum(1 for a, b in zip(template, words) if a == b)
            if same / len(words) >= 0.6:
                for at, word in enumerate(words):
                    if template[at] != word:
                        template[at] = "<*>"
                break
        else:
            leaf.append(words)
            clusters += 1
print(json.dumps({"lines": lines, "clusters": clusters, "cpuSeconds": time.process_time()}))
