// One failed test is enough to kill a mutant: the rest of its file is skipped.
import { TestEnvironment } from 'jest-environment-node';

export default class FirstFailure extends TestEnvironment {
    hasFailed = false;

    handleTestEvent = ({ name, test }) => {
        if (name === 'test_start' && this.hasFailed) test.mode = 'skip';
        if (name === 'test_done') this.hasFailed ||= test.errors.length > 0;
    };
}
