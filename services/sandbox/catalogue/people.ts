import type { Draw } from './draw.ts';
import { ID_BASE } from './identity.ts';

export interface Customer {
  readonly id: number;
  readonly key: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly phone: string;
  readonly street: string;
  readonly city: string;
  readonly zip: string;
  readonly country: string;
  readonly countryCode: string;
  readonly subscribed: boolean;
}

const FIRST = [
  'Ada',
  'Bela',
  'Cleo',
  'Dara',
  'Edie',
  'Finn',
  'Gwen',
  'Hugo',
  'Iris',
  'Jude',
  'Kit',
  'Lena',
  'Milo',
  'Nora',
  'Otis',
  'Pia',
  'Quin',
  'Rhys',
  'Suki',
  'Theo',
  'Una',
  'Vera',
  'Wren',
  'Yara',
  'Zeb',
];
const LAST = [
  'Alder',
  'Birch',
  'Clover',
  'Dell',
  'Elmwood',
  'Fenwick',
  'Gorse',
  'Hazel',
  'Ivory',
  'Juniper',
  'Knoll',
  'Larch',
  'Meadow',
  'Nettle',
  'Orchard',
  'Pebble',
  'Quarry',
  'Rowan',
  'Sedge',
  'Thistle',
  'Vale',
  'Willow',
  'Yarrow',
];
const STREET = ['Example Street', 'Sample Lane', 'Specimen Road', 'Trial Close', 'Model Terrace', 'Pattern Row'];
const CITY = ['Exampleton', 'Sampleford', 'Specimen Bay', 'Trialbury', 'Modelham', 'Patternwick'];

const CODES: Readonly<Record<string, string>> = {
  'United Kingdom': 'GB',
  EIRE: 'IE',
  Germany: 'DE',
  France: 'FR',
  Netherlands: 'NL',
  Switzerland: 'CH',
  Spain: 'ES',
  Belgium: 'BE',
  Israel: 'IL',
  Australia: 'AU',
  Italy: 'IT',
  Austria: 'AT',
  Norway: 'NO',
  Finland: 'FI',
  Malta: 'MT',
  'Hong Kong': 'HK',
  Portugal: 'PT',
  Sweden: 'SE',
  Iceland: 'IS',
  Denmark: 'DK',
  Poland: 'PL',
  Japan: 'JP',
  Canada: 'CA',
  USA: 'US',
  Cyprus: 'CY',
  Singapore: 'SG',
  RSA: 'ZA',
  'Czech Republic': 'CZ',
  'United Arab Emirates': 'AE',
  Greece: 'GR',
  Lithuania: 'LT',
  Lebanon: 'LB',
  Bahrain: 'BH',
  Brazil: 'BR',
  'Saudi Arabia': 'SA',
  'Channel Islands': 'GG',
  'European Community': 'BE',
};

const SUBSCRIBED_SHARE = 0.45;

/** A country that the list does not know ("Unspecified") is taken as the shop's own. */
export function countryOf(country: string): { country: string; countryCode: string } {
  const countryCode = CODES[country];
  return countryCode === undefined ? { country: 'United Kingdom', countryCode: 'GB' } : { country, countryCode };
}

/** A person who does not exist, with an address that cannot: names from lists of ours, mail under example.invalid. */
export function deriveCustomer(key: string, country: string, draw: Draw): Customer {
  const name = `customer|${key}`;
  return {
    id: ID_BASE.customer + Number(key),
    key,
    firstName: draw.pick(`${name}|first`, FIRST),
    lastName: draw.pick(`${name}|last`, LAST),
    email: `customer-${key}@example.invalid`,
    // 01632 960000 to 960999 is kept by Ofcom for fiction.
    phone: `+441632960${String(draw.whole(`${name}|phone`, 0, 999)).padStart(3, '0')}`,
    street: `${draw.whole(`${name}|house`, 1, 199)} ${draw.pick(`${name}|street`, STREET)}`,
    city: draw.pick(`${name}|city`, CITY),
    zip: `ZZ${draw.whole(`${name}|zip`, 10, 99)} ${draw.whole(`${name}|zip2`, 1, 9)}ZZ`,
    ...countryOf(country),
    subscribed: draw.chance(`${name}|consent`, SUBSCRIBED_SHARE),
  };
}
