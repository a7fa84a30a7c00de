import assert from 'node:assert/strict';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { PermanentError, type Reason } from '#shared/kernel/errors.ts';
import { systemClocks } from '#shared/runtime/clocks.ts';
import type { StoreAction } from '../../connector.ts';
import { openHttp } from '../../outbound.ts';
import type { WooCredential } from '../../woocommerce/woo-client.ts';
import { WooCommerceConnector } from '../../woocommerce/woocommerce.ts';
import { storeAction } from '../contract.ts';
import { FAKE_WOO_KEY, FakeWoo, WOO_IDS } from './fake-woo.ts';

export function connectWoo(shop: FakeWoo, credential: WooCredential = FAKE_WOO_KEY, totalMs?: number) {
  const http = openHttp({ url: new URL(shop.url), mayBeInside: true }, totalMs === undefined ? {} : { totalMs });
  return new WooCommerceConnector(http, credential, systemClocks);
}

/** One test with a fake shop of its own. */
export function withWoo(body: (shop: FakeWoo, connector: WooCommerceConnector) => Promise<void>): () => Promise<void> {
  return async () => {
    const shop = new FakeWoo();
    await shop.open();
    try {
      await body(shop, connectWoo(shop));
    } finally {
      await shop.close();
    }
  };
}

export const wooAction = (type: string, leaves: ResourceKey[], params: object, more: Partial<StoreAction> = {}) =>
  storeAction(type, leaves, params, more, WOO_IDS);

/** Far more than any test needs: the machine may be busy with others. */
export const inTime = () => AbortSignal.timeout(60_000);

export async function refused(attempt: Promise<unknown>, reason: Reason): Promise<void> {
  await assert.rejects(attempt, (thrown) => {
    assert.ok(thrown instanceof PermanentError, `${thrown}`);
    assert.equal(thrown.reason, reason, thrown.message);
    return true;
  });
}
