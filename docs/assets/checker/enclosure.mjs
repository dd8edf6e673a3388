// Closed numbers between rationals: intervals [lo, hi] of whole multiples of 2^-P, rounded outwards. null: not known.
const floorDiv = (a, b) => (a % b !== 0n && (a < 0n) !== (b < 0n) ? a / b - 1n : a / b);
const ceilDiv = (a, b) => -floorDiv(-a, b);
const least = list => list.reduce((a, b) => (b < a ? b : a));
const most = list => list.reduce((a, b) => (b > a ? b : a));

export class Precision {
  constructor(bits, budget) {
    this.one = 1n << BigInt(bits);
    this.bits = bits;
    this.budget = budget;
    // Machin: pi = 16 atan(1/5) - 4 atan(1/239); log 2 = 2 atanh(1/3)
    this.log2 = this.series(1n, 3n, 1n).map(x => 2n * x);
    const [a, b] = this.series(1n, 5n, -1n);
    const [c, d] = this.series(1n, 239n, -1n);
    this.pi = [16n * a - 4n * d, 16n * b - 4n * c];
  }

  // sum of sign^k x^(2k+1) / (2k+1) for x = n/d, |x| <= 1/3: atanh (sign 1) or atan (sign -1)
  series(n, d, sign) {
    let term = floorDiv(n * this.one, d);
    let total = 0n;
    let k = 0n;
    for (; term > 1n || term < -1n; k += 1n) {
      this.budget.spend();
      total += floorDiv((sign < 0n && k % 2n ? -term : term), 2n * k + 1n);
      term = floorDiv(term * n * n, d * d);
    }
    const slack = 3n * k + 8n; // each step errs by less than 3 units, the tail by less than 4
    return [total - slack, total + slack];
  }

  rational(q) {
    return [floorDiv(q.n * this.one, q.d), ceilDiv(q.n * this.one, q.d)];
  }

  mul([a, b], [c, d]) {
    const all = [a * c, a * d, b * c, b * d];
    return [floorDiv(least(all), this.one), ceilDiv(most(all), this.one)];
  }

  inv([a, b]) {
    if (a <= 0n && b >= 0n) return null;
    return [floorDiv(this.one * this.one, b), ceilDiv(this.one * this.one, a)];
  }

  power(x, k) {
    if (k < 0n) {
      const y = this.inv(x);
      return y && this.power(y, -k);
    }
    if (k > 200n) return null;
    this.budget.spend(Number(k));
    let out = [this.one, this.one];
    for (let i = 0n; i < k; i += 1n) out = this.mul(out, x);
    return out;
  }

  // log of one point x > 0: x = z 2^k with 2/3 <= z <= 4/3, log z = 2 atanh((z - 1)/(z + 1))
  logAt(x) {
    let k = 0n;
    let n = x;
    let d = this.one;
    this.budget.spend(x.toString(16).length >> 3);
    while (3n * n > 4n * d) [d, k] = [d * 2n, k + 1n];
    while (3n * n < 2n * d) [n, k] = [n * 2n, k - 1n];
    const [a, b] = this.series(n - d, n + d, 1n);
    const shift = this.log2.map(y => y * k);
    return [2n * a + least(shift), 2n * b + most(shift)];
  }

  log([a, b]) {
    return a > 0n ? [this.logAt(a)[0], this.logAt(b)[1]] : null;
  }
}

class Enclosure {
  constructor(A, bits) {
    this.A = A;
    this.P = new Precision(bits, A.budget);
  }

  poly(p) {
    let out = [0n, 0n];
    for (const [m, c] of p.terms) {
      this.A.budget.spend();
      let term = this.P.rational(c);
      for (const [a, e] of m.factors) {
        const x = this.factor(a, e);
        if (!x) return null;
        term = this.P.mul(term, x);
        if (term[1] >> 60000n > 0n || -term[0] >> 60000n > 0n) return null;
      }
      out = [out[0] + term[0], out[1] + term[1]];
    }
    return out;
  }

  factor(a, e) {
    const base = this.atom(a);
    if (!base) return null;
    const k = this.A.number(e);
    return k?.whole ? this.P.power(base, k.n) : null;
  }

  atom(a) {
    if (a.kind === "pi") return this.P.pi;
    const inner = a.kind === "log" ? this.poly(a.kids[0]) : null;
    return inner && this.P.log(inner);
  }
}

// Of a closed polynomial: 1, -1, or null if that is not known.
export function closedSign(A, p) {
  A.precisions ??= new Map();
  for (const bits of [80, 320]) {
    if (!A.precisions.has(bits)) A.precisions.set(bits, new Enclosure(A, bits));
    const found = A.precisions.get(bits).poly(p);
    if (!found) return null;
    if (found[0] > 0n) return 1;
    if (found[1] < 0n) return -1;
  }
  return null;
}
