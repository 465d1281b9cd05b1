import js from "@eslint/js";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import typescript from "typescript-eslint";

const NO_FLOATS = "An amount is never a float: use src/money, which counts in BigInt minor units.";

export default typescript.config(
  { ignores: ["node_modules", "src/i18n/*.ts"] },
  js.configs.recommended,
  ...typescript.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "no-restricted-globals": ["error", { name: "parseFloat", message: NO_FLOATS }],
      "no-restricted-syntax": [
        "error",
        { selector: "CallExpression[callee.property.name='toFixed']", message: NO_FLOATS },
        {
          selector: "MemberExpression[object.name='Number'][property.name='parseFloat']",
          message: NO_FLOATS,
        },
      ],
      "no-restricted-properties": [
        "error",
        { object: "window", property: "localStorage", message: "Nothing is kept where any script reads it." },
      ],
    },
  },
  {
    files: [
      "src/money/**/*.ts",
      "src/screens/expense-form/model/**/*.ts",
      "src/screens/expense-form/split/**/*.ts",
    ],
    rules: {
      "no-restricted-globals": [
        "error",
        { name: "parseFloat", message: NO_FLOATS },
        { name: "Number", message: NO_FLOATS },
        { name: "Math", message: NO_FLOATS },
      ],
    },
  },
  { files: ["src/**/*.tsx"], ...jsxA11y.flatConfigs.strict },
  { files: ["src/**/*.{ts,tsx}"], ...reactHooks.configs.flat["recommended-latest"] },
  { files: ["**/*.js"], ...typescript.configs.disableTypeChecked },
);
