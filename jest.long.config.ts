/** @jest-config-loader esbuild-register */
import config from './jest.config';

/** The tests that take longest, for `npm run test:long`. */
export default { ...config, testMatch: ['<rootDir>/__tests__/**/*.long.ts'] };
