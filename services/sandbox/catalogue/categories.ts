/** The first row whose words match a description decides; whole words, plural or not. */
const TABLE: readonly (readonly [category: string, words: RegExp])[] = [
  ['christmas', /\b(christmas|xmas|advent|santa|reindeer|snow\w*|snowflake|bauble|nativity|angel|wreath|sleigh)s?\b/],
  [
    'candles',
    /\b(candle|t-light|tlight|t light|tealight|candlestick|incense|lantern|nightlight|night light|votive)s?\b/,
  ],
  ['bags', /\b(bag|shopper|lunch ?bag|purse|suitcase|backpack|ruck ?sack|tote|wallet|basket)s?\b/],
  [
    'kitchen',
    /\b(cake\w*|baking|kitchen|jam\w*|oven|apron|cutlery|spoon|fork|bowl|plate|jar|jug|pantry|recipe|cookie|cooking|pan|scale|tray|tin|tins|peg|tea ?towel|bread|egg|spice|butter|bottle|dish)s?\b/,
  ],
  ['tea and coffee', /\b(mug|teacup|cup|teapot|coffee|tea|saucer|coaster|beaker|flask)s?\b/],
  [
    'stationery',
    /\b(card|pencil|pen|notebook|paper|wrap|ribbon|sticker|stamp|envelope|journal|diary|pad|eraser|ruler|chalk|board|tape|calculator|organiser|gift tag|tag)s?\b/,
  ],
  ['party', /\b(party|bunting|balloon|paper chain|napkin|straw|garland|birthday|doily|doilies|confetti)s?\b/],
  [
    'children',
    /\b(children|child|kid|kids|baby|toy|doll|girl|boy|game|puzzle|playhouse|skittle|dolly|spaceboy|dinosaur|circus|teddy|soldier|jigsaw|nursery|skipping)s?\b/,
  ],
  [
    'garden',
    /\b(garden|plant|flower|herb|watering|bird|parasol|picnic|seed|grow|deckchair|trellis|outdoor|hanging basket)s?\b/,
  ],
  [
    'jewellery',
    /\b(necklace|bracelet|earring|ring|brooch|hair|bangle|jewel\w*|bead|beads|pendant|charm|diamante|keyring|key ?ring|trinket)s?\b/,
  ],
  [
    'textiles',
    /\b(cushion|throw|blanket|quilt|rug|mat|doormat|curtain|towel|scarf|fabric|cover|hot water bottle|warmer|slipper|umbrella|sock|poncho)s?\b/,
  ],
  ['lighting', /\b(light|lights|lamp|chandelier|bulb|led|torch|shade)s?\b/],
  [
    'decoration',
    /\b(heart|sign|frame|clock|mirror|hook|hanging|holder|decoration|ornament|wall art|wicker|vase|drawer|cabinet|stool|knob|metal|wooden|ceramic|glass|vintage|box|set)s?\b/,
  ],
];

export const OTHER_CATEGORY = 'curiosities';

export function categoryOf(description: string): string {
  const text = description.toLowerCase();
  return TABLE.find(([, words]) => words.test(text))?.[0] ?? OTHER_CATEGORY;
}
