/** An archive of a framework that loads more than weights: by the names of its entries. */
interface Framework {
  /** `The archive is a Keras model.` */
  what: string;
  /** What loading it runs. */
  runs: string;
  /** Names, in lower case, all of which must be there. */
  needs: readonly RegExp[];
}

/** Torch compares the names of records without regard to case (miniz `mz_zip_reader_locate_file`), and so does this. */
const FRAMEWORKS: readonly Framework[] = [
  {
    what: 'a TorchScript program for mobile devices (bytecode.pkl)',
    runs: 'its instructions run when the model is used',
    needs: [/(?:^|\/)bytecode\.pkl$/],
  },
  {
    what: 'a TorchScript program (constants.pkl)',
    runs: 'the code in code/ runs when it is loaded or used',
    needs: [/^(?:[^/]+\/)?constants\.pkl$/, /(?:^|\/)(?:data\.pkl|code\/)/],
  },
  {
    what: 'a program exported by torch.export (.pt2)',
    runs: 'its expressions are evaluated, and compiled parts in it are loaded',
    needs: [/(?:^|\/)(?:archive_format|serialized_exported_program\.json|models\/[^/]+\.json|data\/aotinductor\/.+)$/],
  },
  {
    what: 'a package of torch.package',
    runs: 'Python files in it are imported',
    needs: [/(?:^|\/)\.data\/extern_modules$/],
  },
  {
    what: 'an archive of TorchServe (.mar)',
    runs: 'its handler, a Python file, is imported',
    needs: [/(?:^|\/)mar-inf\/manifest\.json$/],
  },
  {
    what: 'a Keras model (.keras)',
    runs: 'layers and functions that config.json names are imported, and Lambda layers contain code',
    needs: [/(?:^|\/)config\.json$/, /(?:^|\/)model\.weights\.(?:h5|npz|json)$/],
  },
  {
    what: 'a skops file',
    runs: 'classes and functions that schema.json names are imported',
    needs: [/^schema\.json$/],
  },
  {
    what: 'a NeMo model (.nemo)',
    runs: 'classes that model_config.yaml names are imported',
    needs: [/(?:^|\/)model_config\.yaml$/],
  },
  {
    what: 'an MLflow model',
    runs: 'the module that MLmodel names is imported',
    needs: [/(?:^|\/)mlmodel$/],
  },
  {
    what: 'a TensorFlow SavedModel',
    runs: 'its operators may read and write files',
    needs: [/(?:^|\/)(?:saved_model|keras_metadata|fingerprint)\.pb$/],
  },
  {
    what: 'a Core ML model',
    runs: 'custom layers in it call code of the program that loads it',
    needs: [/(?:^|\/)(?:[^/]+\.mlmodelc\/.*|com\.apple\.coreml\/.*\.mlmodel|model\.mil)$/],
  },
  {
    what: 'a Python package',
    runs: 'its modules are imported',
    needs: [/(?:^|\/)[^/]+\.(?:dist-info|egg-info)\//],
  },
  {
    what: 'a Java program',
    runs: 'its classes are loaded',
    needs: [/^meta-inf\/manifest\.mf$/],
  },
];

/** Which frameworks' archives have these names in them, as sentences for a report. */
export function findFrameworks(names: readonly string[]): string[] {
  const folded = names.map((name) => (name.split('\0')[0] ?? '').replaceAll('\\', '/').toLowerCase());
  return FRAMEWORKS.filter(({ needs }) => needs.every((need) => folded.some((name) => need.test(name)))).map(
    ({ what, runs }) => `The archive is ${what}: ${runs}. This format is not supported, so this was not checked.`,
  );
}
