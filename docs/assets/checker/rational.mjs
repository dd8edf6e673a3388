// Rational numbers of any size, the budget that bounds all work, and the one kind of error that means "refused".

export class Refused extends Error {}

export const refuse = reason => {
  throw new Refused(reason);
};

let meter = null; // the budget that large numbers are counted in: the one that was started last

// Steps of arithmetic for one node and for one file, and seconds; whoever loops spends.
export class Budget {
  constructor(perNode = 120000, perFile = 6000000, seconds = 300) {
    Object.assign(this, { perNode, left: perNode, fileLeft: perFile, look: 0,
      until: performance.now() + seconds * 1000 });
  }

  start() {
    this.left = this.perNode;
    meter = this;
  }

  spend(steps = 1) {
    this.left -= steps;
    this.fileLeft -= steps;
    this.look -= 1;
    if (this.look < 0) {
      if (performance.now() > this.until) refuse("more time than one file may use");
      this.look = 500;
    }
    if (this.left < 0) refuse("more arithmetic than one node may use");
    if (this.fileLeft < 0) refuse("more arithmetic than one file may use");
  }
}

const MAX_BITS = 50000; // numerator and denominator together
const LARGE = 1n << 256n;
const abs = n => (n < 0n ? -n : n);

// What is larger than a few machine words costs by the square of its length.
function weigh(n, d) {
  if (n < LARGE && n > -LARGE && d < LARGE) return 0;
  const size = bits(abs(n)) + bits(d);
  meter?.spend(Math.ceil(size ** 2 / 65536));
  return size;
}

function bits(n) {
  const digits = n.toString(16);
  return 4 * digits.length + 28 - Math.clz32(parseInt(digits[0], 16));
}

function gcd(a, b) {
  a = abs(a);
  b = abs(b);
  while (b) [a, b] = [b, a % b];
  return a;
}

export class Q {
  constructor(n, d = 1n) {
    this.n = n;
    this.d = d;
  }

  static of(n, d = 1n) {
    if (d === 1n) return checked(n, d);
    if (d === 0n) refuse("division by zero in a number");
    if (d < 0n) [n, d] = [-n, -d];
    weigh(n, d);
    const g = gcd(n, d);
    return g === 1n ? checked(n, d) : checked(n / g, d / g);
  }

  static parse(text) {
    if (typeof text !== "string" || text.length > 300 || !/^-?[0-9]+(\/[0-9]+)?$/.test(text)) refuse("not a rational");
    const [n, d] = text.split("/");
    return Q.of(BigInt(n), d === undefined ? 1n : BigInt(d));
  }

  add(o) {
    return this.d === 1n && o.d === 1n ? checked(this.n + o.n, 1n) : Q.of(this.n * o.d + o.n * this.d, this.d * o.d);
  }

  // Both are in lowest terms: what cancels stands across, in numbers half as long as the products.
  mul(o) {
    const [n, d] = [this.n * o.n, this.d * o.d];
    if (d === 1n) return checked(n, d);
    weigh(n, d);
    const g = gcd(this.n, o.d) * gcd(o.n, this.d);
    return g === 1n ? checked(n, d) : checked(n / g, d / g);
  }

  neg() {
    return new Q(-this.n, this.d);
  }

  sub(o) {
    return this.add(o.neg());
  }

  inv() {
    return Q.of(this.d, this.n);
  }

  abs() {
    return this.n < 0n ? this.neg() : this;
  }

  // A whole power; the exponent is a BigInt.
  pow(k) {
    if (k < 0n) return this.inv().pow(-k);
    if (this.d === 1n && abs(this.n) <= 1n) return this.n < 0n && k % 2n ? this : k && !this.n ? ZERO : ONE;
    if (BigInt(bits(abs(this.n)) + bits(this.d) - 2) * k > BigInt(MAX_BITS)) refuse("a number that is too large");
    return checked(this.n ** k, this.d ** k);
  }

  get sign() {
    return this.n > 0n ? 1 : this.n < 0n ? -1 : 0;
  }

  get whole() {
    return this.d === 1n;
  }

  floor() {
    const k = this.n / this.d;
    return this.n < 0n && k * this.d !== this.n ? k - 1n : k;
  }

  is(n) {
    return this.d === 1n && this.n === BigInt(n);
  }

  eq(o) {
    return this.n === o.n && this.d === o.d;
  }

  // The largest rational of which both are whole multiples.
  gcd(o) {
    weigh(this.n * o.d, o.n * this.d);
    return Q.of(gcd(this.n * o.d, o.n * this.d), this.d * o.d);
  }

  toString() {
    return this.d === 1n ? `${this.n}` : `${this.n}/${this.d}`;
  }
}

function checked(n, d) {
  if (weigh(n, d) > MAX_BITS) refuse("a number that is too large");
  return new Q(n, d);
}

export const ZERO = new Q(0n);
export const ONE = new Q(1n);
export const MINUS = new Q(-1n);
export const HALF = new Q(1n, 2n);
