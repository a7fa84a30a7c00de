import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { newMasterKeyText, parseMasterKey, seal, sealText, unseal, unsealText } from './seal.ts';

const key = parseMasterKey(newMasterKeyText(), 'test');

describe('sealed secrets', () => {
  test('open again with the same key and purpose', () => {
    assert.equal(unsealText(key, 'endpoint:sandbox', sealText(key, 'endpoint:sandbox', 'whsec_ä')), 'whsec_ä');
  });

  test('two seals of one secret differ', () => {
    assert.notEqual(sealText(key, 'a', 'same'), sealText(key, 'a', 'same'));
  });

  test('do not open for another purpose, another key or after a changed byte', () => {
    const sealed = seal(key, 'endpoint:a', Buffer.from('secret'));
    assert.throws(() => unseal(key, 'endpoint:b', sealed), /does not open/);
    assert.throws(() => unseal(parseMasterKey(newMasterKeyText(), 'test'), 'endpoint:a', sealed), /does not open/);
    for (const index of [1, 14, sealed.length - 1]) {
      const changed = Buffer.from(sealed);
      changed[index] = changed[index]! ^ 1;
      assert.throws(() => unseal(key, 'endpoint:a', changed), /does not open/);
    }
  });

  test('a short value and an unknown version are refused before any decryption', () => {
    assert.throws(() => unseal(key, 'a', Buffer.alloc(10)), /unknown form/);
    assert.throws(() => unseal(key, 'a', Buffer.alloc(40, 9)), /unknown form/);
  });

  test('a key file with anything but 64 hex digits is refused', () => {
    assert.throws(() => parseMasterKey('abc', 'the file'), /the file/);
  });
});
