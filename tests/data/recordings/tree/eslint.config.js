export default [{ files: ['src/*.js'], rules: { 'no-unused-vars': 'error', eqeqeq: 'warn', 'no-undef': 'error', 'no-debugger': 'error', 'no-var': 'warn' } }];
