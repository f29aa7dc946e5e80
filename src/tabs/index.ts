export { withTabs, type TabsOptions } from './with-tabs.js';
