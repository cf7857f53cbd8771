export { takeHandles } from './take-handles.ts';
