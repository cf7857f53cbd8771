import { expect, test } from 'vitest';
import { CloserStack } from './closer-stack.ts';

test('CloserStack.close() closes things in the reverse order of their opening, and each once', async () => {
  const closed: string[] = [];
  const opened = (name: string) => ({ name, close: () => void closed.push(name) });
  const stack = new CloserStack();
  stack.add(opened('the lock'), opened('the catalog'));
  stack.add(opened('the ports'));
  await stack.close();
  await stack.close();
  expect(closed).toEqual(['the ports', 'the catalog', 'the lock']);
});

test('CloserStack.close() closes the rest after a failure, and rejects with it', async () => {
  const closed: string[] = [];
  const stack = new CloserStack();
  stack.add({ name: 'the lock', close: () => void closed.push('the lock') });
  stack.add({ name: 'the ports', close: () => Promise.reject(new Error('they are stuck')) });
  await expect(stack.close()).rejects.toMatchObject({
    errors: [{ message: 'Could not close the ports: they are stuck' }],
  });
  expect(closed).toEqual(['the lock']);
});
