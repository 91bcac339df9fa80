const RATES = { EUR: 0.19, GBP: 0.2, CHF: 0.081 };

/** The sum of all lines in cents, without tax. */
export function netTotal(lines) {
  return lines.reduce((sum, line) => sum + line.quantity * line.cents, 0);
}

/** Tax on a net sum, rounded to whole cents. */
export function tax(net, currency) {
  return Math.round(net * (RATES[currency] ?? 0));
}

export default function price(lines, currency) {
  const net = netTotal(lines);
  return { net, tax: tax(net, currency), gross: net + tax(net, currency) };
}
