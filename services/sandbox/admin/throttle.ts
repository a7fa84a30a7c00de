/** Shopify's leaky bucket, one per store: a request costs points, and points come back with time. Figures are those of a Plus store. */
export interface Bucket {
  /** Takes the points, or says no and takes nothing. */
  take(cost: number): boolean;
  status(): { maximumAvailable: number; currentlyAvailable: number; restoreRate: number };
}

const MAXIMUM = 20_000;
const RESTORE_A_SECOND = 1_000;

export function leakyBucket(nowMs: () => number, maximum = MAXIMUM, restoreRate = RESTORE_A_SECOND): Bucket {
  let available = maximum;
  let at = nowMs();
  const refill = () => {
    const now = nowMs();
    available = Math.min(maximum, available + ((now - at) / 1_000) * restoreRate);
    at = now;
  };
  return {
    take(cost) {
      refill();
      if (cost > available) return false;
      available -= cost;
      return true;
    },
    status() {
      refill();
      return { maximumAvailable: maximum, currentlyAvailable: Math.floor(available), restoreRate };
    },
  };
}
