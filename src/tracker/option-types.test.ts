import { expect, test } from 'vitest';
import { createTracker } from './create-tracker.ts';

/** Calls the function as JavaScript does, without types. */
const createAny = createTracker as (options: unknown) => ReturnType<typeof createTracker>;

test.each<[options: unknown, message: string]>([
  [null, 'the options must be an object, found null'],
  [{ port: '9910' }, 'port must be a whole number from 0 to 65535, found the string "9910"'],
  [{ prt: 9910 }, 'there is no option prt; did you mean port?'],
  [{ tls: 'cert.pem' }, 'tls must be an object, found the string "cert.pem"'],
  [{ tls: { required: true } }, 'tls.cert must be the path of a file, found none'],
  [{ tls: { cert: 'a' } }, 'tls.key must be the path of a file, found none'],
  [{ tls: { certificate: 'a' } }, 'there is no option tls.certificate; allowed are cert, key, required'],
  [{ limits: { peers: '5' } }, 'limits.peers must be a whole number of 0 or more, found the string "5"'],
  [{ announceInterval: '60' }, 'announceInterval must be a whole number of seconds, found the string "60"'],
  [
    { trustedProxies: '10.0.0.0/8' },
    'trustedProxies must be an array of strings, found the string "10.0.0.0/8"',
  ],
  [{ isPrivate: 'yes' }, 'isPrivate must be true or false, found the string "yes"'],
])('createTracker() of options of the wrong type names the option: %j', async (options, message) => {
  await expect(createAny(options)).rejects.toMatchObject({
    name: 'TrackerStartError',
    code: 'BAD_OPTION',
    message: `Cannot start the tracker: ${message}`,
  });
});

test('reload() of rules of the wrong type names the rule, and changes nothing', async () => {
  await using tracker = await createTracker({ host: '127.0.0.1', metrics: false });
  expect(() => tracker.reload({ limits: [] as never })).toThrow(
    expect.objectContaining({
      code: 'BAD_OPTION',
      message: 'Cannot change the rules of the tracker: limits must be an object, found an array',
    }),
  );
});
