extension Configuration {
    static let help = """
        The file is YAML; everything in it may be left out, and options of the command line go before it:

          data: /srv/gridpilot                 # everything that is kept
          listen: 127.0.0.1:8080               # an address and a port; port 0 takes a free one
          tls: {certificate: cert.pem, key: key.pem}
          web: /usr/share/gridpilot/web        # the folder of the pages
          public_url: https://em.example.org/gridpilot   # where people reach it, behind a proxy
          trusted_proxies: [127.0.0.1]         # whose X-Forwarded-* count; left out: this machine's, when it listens there alone
          metrics_token_file: /etc/gridpilot/metrics-token   # a token for /metrics, one line
          log: info                            # trace, debug, info, notice, warning, error, critical
          timeZone: Europe/Zurich              # of log files and folder names; left out: this machine's
          recipes: /etc/gridpilot/recipes      # *.yaml, besides those that come with the program or in their place
          sessionFiles: private                # private, group or groupWrite: what the group of the server's user may do with them
          microscopes:
            - id: scope-1
              name: Scope 1
              vendor: TFS                      # TFS or JEOL
              voltage: 300                     # kV
              cs: 2.7                          # mm
              slots: 12
              link: simulator                  # how it is reached
              seed: 1                          # which specimens a simulator holds
            - id: scope-2
              vendor: TFS
              voltage: 300
              link: serialem
              serialem:
                address: 192.168.1.10:48888    # EnableExternalPython and SocketServerPort of SerialEM's properties
                folders:                       # what both computers reach
                  - {here: /srv/gridpilot/sessions, there: 'X:\\sessions'}
                levels:                        # atlas, square, hole, exposure; what is left out stays as it is
                  atlas: {lowDose: false, imagingState: atlas, objectiveAperture: 0, slitIn: false}
                  exposure: {objectiveAperture: 100, slitIn: true}   # µm
                upkeep: {hardwareDark: 24, zeroLoss: 60, flash: 8}   # h, min, h
                stageReach: 990                # µm
                imageShiftLimit: 15            # µm
          detectors:
            - {id: camera-1, name: Camera 1, microscope: scope-1, width: 1024, height: 1024, pixelSize: 1.5}   # pixels, Å
            # framesDirectory: where its frames arrive here; framesFolder: what the microscope's computer calls that
            - {id: camera-2, microscope: scope-2, width: 5760, height: 4092, pixelSize: 0.83, framesDirectory: /mnt/frames, framesFolder: 'Y:\\',
             gain: {file: /srv/gain.mrc, rotation: 0, flip: 0}, defects: /srv/defects.txt, binning: 1}
          # an element of command that is a list is left out where a placeholder in it has no value for the movie
          processing:
            runner: workers                    # workers, on this machine, or slurm
            workers: 2                         # movies at once; left out: as cores and memory carry
            patches: 0                         # along a side, for local motion
            amplitudeContrast: 0.07
            eer: {dosePerFrame: 1, upsampling: 1}   # single electrons: e/Å² of a frame, or frames: the camera's in each
            deadline: 600                      # s for a movie; left out: by its size
            motion:                            # program: relion or motioncor; left out: done here
              program: relion
              command: [relion_run_motioncorr, --i, '{input}', --o, '{out}/', --use_own, --j, '{threads}', [--gainref, '{gain}']]
            ctf: {program: ctffind, command: [ctffind], stdin: ['{input}', '{output}', '{pixelSize}', '{voltage}', '{cs}']}
            slurm: {partition: movies, arguments: [--mem=4G], directory: /shared/jobs, program: /shared/bin/gridpilot, interval: 5}

        What processing and gain mean is in docs/processing.md.

        Everything in the data directory is for the server's own user. sessionFiles: group lets the group of that user read what is below
        sessions, groupWrite also write there, which a microscope's computer needs that saves through a share as another user.

        Beside the file the server keeps FILE.gridpilot-data: which store each data directory holds. A directory that has lost it, as where a
        disk is not mounted, is refused until --new accepts what is there. The server's user needs the right to write that file.
        """
}
