import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

/** The currency of the shop's database, an ISO 4217 code; undefined if it names none. */
export const Currency = createContext<string | undefined>(undefined);

const formats = new Map<string | undefined, Intl.NumberFormat>();

/** Formats amounts in the shop's currency. */
export function useMoney(): (amount: number) => string {
  const currency = useContext(Currency);
  let format = formats.get(currency);
  if (format === undefined) {
    const style = currency === undefined ? { minimumFractionDigits: 2 } : { style: 'currency' as const, currency };
    format = new Intl.NumberFormat('en', { ...style, maximumFractionDigits: 6 });
    formats.set(currency, format);
  }
  return format.format;
}
