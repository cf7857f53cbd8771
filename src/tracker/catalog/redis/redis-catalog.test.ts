import { ManualClock } from '../../testing/manual-clock.ts';
import { describeOnRedis } from '../../testing/on-redis.ts';
import { describeCatalog } from '../catalog-conformance.ts';
import { RedisCatalog } from './redis-catalog.ts';

describeOnRedis((emptyRedis) =>
  describeCatalog('RedisCatalog', async (limits) => {
    const connection = await emptyRedis();
    return new RedisCatalog({
      connection,
      clock: new ManualClock(),
      prefix: 'x:',
      times: 'caller',
      ...limits,
    });
  }),
);
