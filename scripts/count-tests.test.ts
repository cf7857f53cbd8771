import { expect, test } from 'vitest';
import { countTests, type TestReport } from './count-tests.ts';

type File = TestReport['testResults'][number];
type Status = File['assertionResults'][number]['status'];

function file(status: File['status'], ...tests: Status[]): File {
  const assertionResults = tests.map((status, at) => ({ fullName: `test ${at}`, status }));
  return { name: 'a.test.js', status, assertionResults };
}

test.each([
  ['passed and failed tests', true, [file('failed', 'passed', 'failed'), file('passed', 'passed')], [2, 1]],
  ['a file that failed to load', true, [file('failed'), file('passed', 'passed')], [1, 1]],
  ['a file that failed beside its tests', true, [file('failed', 'passed')], [1, 1]],
  ['no test at all as a failure', true, [], [0, 1]],
  ['only tests that were left out as a failure', true, [file('passed', 'skipped')], [0, 1]],
  ['a test left out where that may be', true, [file('passed', 'passed', 'skipped')], [1, 0]],
  ['a test left out where that may not be', false, [file('passed', 'passed', 'pending', 'todo')], [1, 2]],
] as const)('countTests() counts %s', (_name, mayLeaveOut, testResults, [passed, failed]) => {
  const success = testResults.every(({ status }) => status === 'passed');
  expect(countTests({ success, testResults }, { mayLeaveOut })).toMatchObject({ passed, failed });
});

test('countTests() counts a run that failed outside its tests', () => {
  const report: TestReport = { success: false, testResults: [file('passed', 'passed')] };
  expect(countTests(report, { mayLeaveOut: true })).toMatchObject({ passed: 1, failed: 1 });
});

test('countTests() names the tests left out', () => {
  const report: TestReport = { success: true, testResults: [file('passed', 'passed', 'skipped')] };
  expect(countTests(report, { mayLeaveOut: true }).leftOut).toEqual(['test 1']);
});
