import { transformAsync } from "@babel/core";
import type { Plugin } from "vite";

const OPTIONS = {
  babelrc: false,
  configFile: false,
  parserOpts: { plugins: ["typescript", "jsx"] as ("typescript" | "jsx")[] },
  plugins: ["@lingui/babel-plugin-lingui-macro"],
  sourceMaps: true,
};

/** Turns Lingui's macros into calls, in the modules that import them. All else is left to Vite. */
export function linguiMacros(): Plugin {
  return {
    name: "lingui-macros",
    enforce: "pre",
    transform: {
      filter: { id: /\.tsx?$/, code: /@lingui\/(core|react)\/macro/ },
      async handler(code, filename) {
        const result = await transformAsync(code, { ...OPTIONS, filename });
        return result?.code ? { code: result.code, map: result.map as never } : null;
      },
    },
  };
}
