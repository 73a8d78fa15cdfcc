"""Makes golden.json: landmarks drawn at random and the coefficients that statsmodels
(0.15, Binomial GLM with complementary log-log link and offset) finds for them. The rows
are expanded here independently of the Go code. Run: python golden.py > golden.json"""
import json
import numpy as np
import statsmodels.api as sm

GRID = [3, 7, 14, 21, 30, 45, 60, 90, 120, 180]
AGES = [-60, -45, -30, -21, -14, -10, -7, -4, -2, 0, 1, 3, 6, 9, 13, 18, 25, 32, 46, 61, 91, 121, 181]
TERMS = [8, 15, 22, 31, 46, 61, 91]
CUT = 18300
RATE = 1 / 20  # of an empty life table: one payment in 20 business days


def business(day):  # Monday to Friday; day 0 is a Thursday
    return (day + 3) % 7 < 5


def level(edges, x):
    return sum(x >= e for e in edges)


def expand(l):
    date, due, terms, amount, disputed, broken, follow, paid = l
    seen = CUT - date
    end = seen if paid else follow
    rows, start = [], 0
    for j, stop in enumerate(GRID):
        if start >= follow:
            break
        last = min(stop, end)
        days = sum(business(date + d) for d in range(start + 1, last + 1)) or 0.05
        event = bool(paid) and follow <= stop
        rows.append(({"amount": np.log(amount), "disputed": disputed, "promise_broken": broken,
                      "terms": level(TERMS, terms), "due_weekday": (due + 3) % 7,
                      "age": level(AGES, date + start + 1 - due), "interval": j}, days * RATE, event))
        if event:
            break
        start = stop
    return rows


rng = np.random.default_rng(20)
landmarks = []
for _ in range(1200):
    date = CUT - 70 + 7 * int(rng.integers(9))
    due = date + int(rng.integers(-15, 12))
    terms = int(rng.choice([14, 30, 60]))
    amount = round(float(np.exp(rng.normal(7, 1.2))), 2)
    disputed, broken = int(rng.random() < .2), int(rng.random() < .15)
    daily = .06 * np.exp(-.15 * (np.log(amount) - 7) - .8 * disputed - .4 * broken)
    day = date
    while day < CUT:
        day += 1
        if business(day) and rng.random() < 1 - np.exp(-daily * (1.8 if 0 <= day - due < 6 else 1)):
            break
    paid = int(day < CUT)
    follow = day - date
    if not paid and rng.random() < .3:  # ended otherwise: credited
        follow = int(rng.integers(1, follow + 1))
    landmarks.append([date, due, terms, amount, disputed, broken, follow, paid])

rows = [r for l in landmarks for r in expand(l)]
names, columns = ["intercept"], [np.ones(len(rows))]
for name in ["amount", "terms", "disputed", "promise_broken", "due_weekday", "age", "interval"]:
    values = np.array([r[0][name] for r in rows], float)
    if name == "amount":
        names.append(name)
        columns.append(values)
        continue
    counts = {v: (values == v).sum() for v in np.unique(values)}
    reference = max(counts, key=lambda v: (counts[v], -v))
    for v in sorted(counts):
        if v != reference:
            names.append(f"{name}:{int(v)}")
            columns.append((values == v) * 1.)
fit = sm.GLM(np.array([r[2] for r in rows], float), np.column_stack(columns), offset=np.log([r[1] for r in rows]),
             family=sm.families.Binomial(link=sm.families.links.CLogLog())).fit(tol=1e-14, maxiter=200)
assert max(abs(fit.params)) < 6, dict(zip(names, fit.params))
print(json.dumps({"cut": CUT, "rows": len(rows), "log_likelihood": fit.llf,
                  "coefficients": dict(zip(names, fit.params)),
                  "landmarks": landmarks}, separators=(",", ":")))
