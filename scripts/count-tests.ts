/** The part of vitest's JSON report that is read here. */
export interface TestReport {
  readonly success: boolean;
  readonly testResults: readonly {
    /** Path of the file. */
    readonly name: string;
    readonly status: 'passed' | 'failed';
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: 'passed' | 'failed' | 'skipped' | 'pending' | 'todo' | 'disabled';
    }[];
  }[];
}

/** The counts of a run. */
export interface TestCount {
  readonly passed: number;
  readonly failed: number;
  /** Names of the tests that did not run. */
  readonly leftOut: readonly string[];
}

/**
 * Counts what a report tells. A file that failed as a whole is one failure; so is a run without a single test, and one
 * that failed for reasons outside its tests. Where nothing may be left out, each test that was is a failure.
 */
export function countTests(
  report: TestReport,
  { mayLeaveOut }: { readonly mayLeaveOut: boolean },
): TestCount {
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  const withStatus = (status: string) => tests.filter((test) => test.status === status);
  const passed = withStatus('passed').length;
  const leftOut = tests
    .filter(({ status }) => status !== 'passed' && status !== 'failed')
    .map((test) => test.fullName);
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every(({ status }) => status !== 'failed'),
  );
  const failed = withStatus('failed').length + brokenFiles.length + (mayLeaveOut ? 0 : leftOut.length);
  const isBroken = passed === 0 || !report.success;
  return { passed, failed: failed === 0 && isBroken ? 1 : failed, leftOut };
}
