import { hash32 } from '#shared/kernel/ids.ts';

/** Every simulated value is drawn by this rule: from the seed and the name of what is drawn, so that it never depends on order. */
export interface Draw {
  /** In [0, 1). */
  unit(name: string): number;
  /** An integer in [low, high]. */
  whole(name: string, low: number, high: number): number;
  pick<Item>(name: string, items: readonly Item[]): Item;
  /** Standard normal, by Box and Muller. */
  normal(name: string): number;
  chance(name: string, probability: number): boolean;
}

export function seededDraw(seed: number): Draw {
  const unit = (name: string) => mixed(hash32(`${seed}|${name}`)) / 2 ** 32;
  return {
    unit,
    whole: (name, low, high) => low + Math.floor(unit(name) * (high - low + 1)),
    pick: (name, items) => items[Math.floor(unit(name) * items.length)]!,
    normal: (name) => Math.sqrt(-2 * Math.log(1 - unit(`${name}|a`))) * Math.cos(2 * Math.PI * unit(`${name}|b`)),
    chance: (name, probability) => unit(name) < probability,
  };
}

/** FNV leaves the high bits of like names alike; this is the finaliser of MurmurHash3, which spreads them. */
function mixed(hash: number): number {
  let value = hash;
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

/** 32 hexadecimal digits from a name: not for security, only stable and wide enough never to collide in one store. */
export function derivedHex(name: string): string {
  let text = '';
  for (let part = 0; part < 4; part++)
    text += mixed(hash32(`${part}#${name}#${part}`))
      .toString(16)
      .padStart(8, '0');
  return text;
}

/** The same as a UUID (version 8: made by a rule of one's own). */
export function derivedUuid(name: string): string {
  const hex = derivedHex(name);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}
