// Rational numbers of any size, the budget that bounds all work, and the one kind of error that means "refused".

export class Refused extends Error {}

export const refuse = reason => {
  throw new Refused(reason);
};

// Steps of arithmetic for one node and for one file; whoever loops spends.
export class Budget {
  constructor(perNode = 120000, perFile = 6000000) {
    Object.assign(this, { perNode, left: perNode, fileLeft: perFile });
  }

  start() {
    this.left = this.perNode;
  }

  spend(steps = 1) {
    this.left -= steps;
    this.fileLeft -= steps;
    if (this.left < 0) refuse("more arithmetic than one node may use");
    if (this.fileLeft < 0) refuse("more arithmetic than one file may use");
  }
}

const MAX_BITS = 8192;
const HUGE = 1n << BigInt(MAX_BITS);
const abs = n => (n < 0n ? -n : n);

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

  mul(o) {
    return this.d === 1n && o.d === 1n ? checked(this.n * o.n, 1n) : Q.of(this.n * o.n, this.d * o.d);
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
    const digits = Math.max(abs(this.n).toString(16).length, this.d.toString(16).length);
    if (BigInt(digits) * k > BigInt(MAX_BITS)) refuse("a number that is too large");
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
    return Q.of(gcd(this.n * o.d, o.n * this.d), this.d * o.d);
  }

  toString() {
    return this.d === 1n ? `${this.n}` : `${this.n}/${this.d}`;
  }
}

function checked(n, d) {
  if (n > HUGE || n < -HUGE || d > HUGE) refuse("a number that is too large");
  return new Q(n, d);
}

export const ZERO = new Q(0n);
export const ONE = new Q(1n);
export const MINUS = new Q(-1n);
export const HALF = new Q(1n, 2n);
