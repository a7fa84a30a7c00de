import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { categoryOf } from './categories.ts';
import { isGoods, productCode, writeOffCause } from './codes.ts';
import { deriveCatalogue, median } from './derive.ts';
import { derivedUuid, seededDraw } from './draw.ts';
import { deriveCustomer } from './people.ts';

const row = (sku: string, units: number, priceMinor: number, description = 'TIN MUG') => ({
  sku,
  units,
  priceMinor,
  description,
});
const DAY = 86_400_000;

describe('stock codes', () => {
  test('fees, postage, vouchers and samples are no goods', () => {
    for (const code of [
      'POST',
      'DOT',
      'M',
      'D',
      'S',
      'C2',
      'BANK CHARGES',
      'AMAZONFEE',
      'CRUK',
      'B',
      'gift_0001_20',
      'PADS',
    ])
      assert.equal(isGoods(code), false, code);
    for (const code of ['85123A', '22423', '15056BL']) assert.equal(isGoods(code), true, code);
  });
  test('variants share the digits of their code', () => assert.equal(productCode('15056BL'), '15056'));
  test('a note tells the cause of a write-off', () => {
    assert.equal(writeOffCause('wet pallet'), 'damaged');
    assert.equal(writeOffCause('?'), 'check');
    assert.equal(writeOffCause(''), 'other');
  });
  test('a category comes from the words of the description', () => {
    assert.equal(categoryOf('RED CHRISTMAS CANDLE'), 'christmas');
    assert.equal(categoryOf('SET OF 4 NAPKINS'), 'party');
    assert.equal(categoryOf('ZZZ'), 'curiosities');
  });
});

describe('the derived catalogue', () => {
  const records = [
    {
      number: '1',
      atMs: 0,
      customer: '7',
      rows: [row('11111A', 2, 500), row('11111A', 1, 500), row('11111B', 1, 700)],
    },
    { number: '2', atMs: 2 * DAY, customer: '8', rows: [row('11111A', 600, 300), row('POST', 1, 900)] },
    { number: 'A3', atMs: 3 * DAY, customer: '', rows: [row('99999', 1, 1_106_206)] },
  ];
  const catalogue = deriveCatalogue(records, seededDraw(1));
  const jar = catalogue.bySku.get('11111A')!;

  test('a wholesale tier has no vote in the list price', () => assert.equal(jar.priceMinor, 500));
  test('cost is 0.55 of the price, stock 28 days of the mean', () => {
    assert.equal(jar.costMinor, 275);
    assert.equal(jar.startStock, Math.ceil(28 * (603 / 3)));
  });
  test('bad debt and postage are no variants; two codes of one number are one product', () => {
    assert.deepEqual([...catalogue.bySku.keys()], ['11111A', '11111B']);
    assert.equal(catalogue.products.length, 1);
  });
  test('lead times are 3 to 21 days', () => {
    for (const supplier of catalogue.suppliers.values())
      assert.ok(supplier.leadTimeDays >= 3 && supplier.leadTimeDays <= 21);
  });
  test('the same seed derives the same, another one something else', () => {
    assert.deepEqual(deriveCatalogue(records, seededDraw(1)).products, catalogue.products);
    assert.notDeepEqual([...deriveCatalogue(records, seededDraw(2)).suppliers], [...catalogue.suppliers]);
  });
});

describe('draws', () => {
  test('are spread evenly over like names', () => {
    const draw = seededDraw(1);
    const mean = Array.from({ length: 4_000 }, (_, index) => draw.unit(`sku|${index}`)).reduce((a, b) => a + b) / 4_000;
    assert.ok(Math.abs(mean - 0.5) < 0.02, String(mean));
  });
  test('ids do not collide in a store of this size', () => {
    assert.equal(new Set(Array.from({ length: 50_000 }, (_, index) => derivedUuid(`topic|${index}`))).size, 50_000);
  });
  test('the lower median is a value that occurs', () => assert.equal(median([1, 2, 3, 4]), 2));
  test('customers live where no mail is delivered', () =>
    assert.match(deriveCustomer('17850', 'EIRE', seededDraw(1)).email, /@example\.invalid$/));
});
